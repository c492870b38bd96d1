import { displayId } from '../../domain/objects.ts';
import { cleanLine } from '../../domain/text.ts';
import { formatDuration } from '../duration.ts';
import { widthOf } from '../io.ts';
import type { Palette } from '../views/color.ts';
import { truncate } from '../views/width.ts';
import { wrapLines } from '../views/wrap.ts';
import { noticeText } from './notices.ts';
import type { ProgressSettings, Renderer } from './renderer.ts';
import { spinnerBlock } from './spinner-block.ts';
import { advance, headline, initialState, notReady, type ProgressState } from './state.ts';

/** Never more lines than this, however tall the terminal is. */
const mostLines = 20;

/** Progress on a terminal: a spinner with the step, and below it one live line for each object that is not ready. */
export async function liveProgress({ io, palette, clock }: ProgressSettings): Promise<Renderer> {
  const block = await spinnerBlock(io.stderr);
  let state = initialState;
  let begun = clock.monotonic();
  const refresh = (): void => {
    const size = { width: widthOf(io.stderr), rows: io.stderr.rows || 24 };
    block.show(liveText(state, { ...size, palette, elapsed: clock.monotonic() - begun }));
  };
  // The seconds go on while nothing else happens
  const timer = setInterval(() => {
    if (block.visible) refresh();
  }, 500);
  timer.unref();
  const print = (text: string): void => {
    block.clear();
    io.stderr.write(`${wrapLines(text, widthOf(io.stderr))}\n`);
  };
  return {
    emit(event) {
      if (event.type === 'step' && event.state === 'started') begun = clock.monotonic();
      state = advance(state, event);
      const notice = noticeText(event, palette, clock.now());
      if (notice !== '') print(notice);
      refresh();
    },
    pause: block.clear,
    print,
    stop() {
      clearInterval(timer);
      block.end();
    },
  };
}

/** What stands on the screen: cut to its width, and to a part of its height, so that nothing scrolls away. */
function liveText(
  state: ProgressState,
  screen: {
    readonly width: number;
    readonly rows: number;
    readonly palette: Palette;
    readonly elapsed: number;
  },
): string {
  const { palette } = screen;
  // Two columns are the spinner's, one stays free so that no line wraps
  const width = screen.width - 3;
  const head = truncate(`${headline(state)} (${formatDuration(screen.elapsed)})`, width);
  if (state.step !== 'wait' && state.step !== 'prune') return head;
  const open = notReady(state);
  const room = Math.max(1, Math.min(mostLines, screen.rows - 4));
  const lines = open.slice(0, open.length > room ? room - 1 : room).map(({ ref, health }) => {
    const cause = health.cause === undefined ? '' : ` [${health.cause}]`;
    const text = truncate(
      `  ${cleanLine(displayId(ref))}  ${health.status}  ${cleanLine(health.reason)}${cause}`.trimEnd(),
      width,
    );
    return health.status === 'failed' ? palette.red(text) : text;
  });
  const more = open.length - lines.length;
  const rest = more > 0 ? [palette.dim(truncate(`  and ${more} more that are not ready`, width))] : [];
  return [head, ...lines, ...rest].join('\n');
}
