import { displayId, idKey, type ObjectRef } from '../../domain/objects.ts';
import { cleanLine } from '../../domain/text.ts';
import type { AppstoreEvent } from '../../services/events.ts';
import { formatDuration } from '../duration.ts';
import { widthOf } from '../io.ts';
import type { Palette } from '../views/color.ts';
import { wrapLines } from '../views/wrap.ts';
import { noticeText } from './notices.ts';
import type { ProgressSettings, Renderer } from './renderer.ts';
import { advance, headline, initialState, notReady, objectText } from './state.ts';

/** CI systems end a job that is silent for long; some after a minute only. */
const heartbeat = 15_000;

const display = (ref: ObjectRef): string => cleanLine(displayId(ref));

/** Progress as plain lines: each step once, each state of an object once, and a sign of life while nothing changes. */
export function lineProgress({ io, palette, clock, verbose }: ProgressSettings): Renderer {
  const begun = clock.monotonic();
  const told = new Map<string, string>();
  let state = initialState;
  const print = (text: string): void => {
    timer.refresh();
    io.stderr.write(`${wrapLines(text, widthOf(io.stderr))}\n`);
  };
  const timer = setInterval(() => print(signOfLife(state, clock.monotonic() - begun)), heartbeat);
  timer.unref();
  return {
    emit(event) {
      state = advance(state, event);
      for (const line of linesOf(event, {
        told,
        verbose,
        headline: headline(state),
        palette,
        now: clock.now(),
      }))
        print(line);
    },
    pause: () => {},
    print,
    stop: () => clearInterval(timer),
  };
}

interface Telling {
  /** What was said last of each object. */
  readonly told: Map<string, string>;
  readonly verbose: boolean;
  readonly headline: string;
  readonly palette: Palette;
  readonly now: Date;
}

function linesOf(event: AppstoreEvent, { told, verbose, headline, palette, now }: Telling): string[] {
  if (event.type === 'step') return event.state === 'started' ? [`${headline}...`] : [];
  if (event.type === 'written')
    return verbose ? [`  ${display(event.ref)}: ${event.action} (${event.done} of ${event.total})`] : [];
  if (event.type === 'health') {
    const said = `${event.health.status} ${event.health.cause ?? ''}`;
    const key = idKey(event.ref);
    if (told.get(key) === said) return [];
    told.set(key, said);
    return [`  ${cleanLine(objectText(event, display))} (${event.ready} of ${event.total})`];
  }
  const notice = noticeText(event, palette, now);
  return notice === '' ? [] : [notice];
}

function signOfLife(state: typeof initialState, elapsed: number): string {
  const open = notReady(state)
    .slice(0, 3)
    .map((object) => cleanLine(objectText(object, display)));
  return [`${headline(state)} (${formatDuration(elapsed)})`, ...open].join('; ');
}
