import type { IndexState } from './index.ts';
import { message, word } from './text.ts';

/** Every text for people in an index, made safe and bounded before it is stored. Steps of a journal and names stay whole. */
export function tidy(state: IndexState): IndexState {
  return {
    ...state,
    catalog: word(state.catalog),
    app: word(state.app),
    lines: state.lines.map(({ summary, ...line }) => ({
      ...line,
      summary: {
        ...summary,
        version: word(summary.version),
        appVersion: word(summary.appVersion),
        ...(summary.message === undefined ? {} : { message: message(summary.message) }),
      },
    })),
    ...(state.pending === undefined
      ? {}
      : { pending: { ...state.pending, holder: word(state.pending.holder) } }),
  };
}
