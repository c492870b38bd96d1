import type { Emit } from '../../services/events.ts';
import type { Clock } from '../../services/ports.ts';
import type { Io } from '../io.ts';
import type { Palette } from '../views/color.ts';

/** How one kind of terminal shows events. `print` puts whole lines above whatever is live. */
export interface Renderer {
  readonly emit: Emit;
  pause(): void;
  print(text: string): void;
  stop(): void;
}

/** What a renderer works with. */
export interface ProgressSettings {
  readonly io: Io;
  readonly palette: Palette;
  readonly clock: Clock;
  readonly verbose: boolean;
}
