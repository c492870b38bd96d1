import type { Plan } from '../../domain/plan.ts';
import type { Emit } from '../../services/events.ts';
import type { Clock } from '../../services/ports.ts';
import type { Io } from '../io.ts';
import { canRedraw, widthOf } from '../io.ts';
import type { Options } from '../options.ts';
import { paletteFor } from '../views/color.ts';
import { hasChanges, planText } from '../views/plan.ts';
import { lineProgress } from './lines.ts';
import { liveProgress } from './live.ts';
import type { ProgressSettings, Renderer } from './renderer.ts';

/** A subscriber of events that tells them on stderr. */
export interface Progress {
  readonly emit: Emit;
  /** Takes live lines off the screen, for a question or other text; the next event brings them back. */
  pause(): void;
  /** Shows a plan, unless it was shown already. */
  showPlan(plan: Plan): void;
  stop(): void;
}

/**
 * Progress of a change: live on a terminal, plain lines without one, nothing with `--quiet`. The plan is shown as soon as it
 * is there, unless it is the result itself (`plan: false`).
 */
export async function createProgress(
  io: Io,
  options: Options,
  given: { readonly clock: Clock; readonly plan: boolean },
): Promise<Progress> {
  const palette = await paletteFor(io, io.stderr, options);
  const settings = { io, palette, clock: given.clock, verbose: options.verbose === true };
  const renderer = await chooseRenderer(io, options, settings);
  const shown = new WeakSet<Plan>();
  const showPlan = (plan: Plan): void => {
    if (shown.has(plan)) return;
    shown.add(plan);
    renderer.pause();
    io.stderr.write(
      `${planText(plan, { palette, width: widthOf(io.stderr), verbose: settings.verbose })}\n\n`,
    );
  };
  return {
    emit(event) {
      if (event.type !== 'planned') renderer.emit(event);
      else if (given.plan && options.quiet !== true && hasChanges(event.plan)) showPlan(event.plan);
    },
    pause: renderer.pause,
    showPlan,
    stop: renderer.stop,
  };
}

async function chooseRenderer(io: Io, options: Options, settings: ProgressSettings): Promise<Renderer> {
  if (options.quiet === true) return silent;
  return canRedraw(io, io.stderr) ? liveProgress(settings) : lineProgress(settings);
}

const silent: Renderer = { emit: () => {}, pause: () => {}, print: () => {}, stop: () => {} };
