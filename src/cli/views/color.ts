import type { Io, OutStream } from '../io.ts';
import type { Options } from '../options.ts';

/** How text is coloured. Without colour every function answers the text as it is. */
export interface Palette {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly red: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly cyan: (text: string) => string;
}

const same = (text: string): string => text;

/** No colours: for pipes, files and tests. */
export const plain: Palette = { bold: same, dim: same, red: same, green: same, yellow: same, cyan: same };

/**
 * Whether a stream gets colours: `--color` decides, then NO_COLOR (https://no-color.org: any text but the empty one), then
 * FORCE_COLOR (https://force-color.org), then whether the stream is a terminal that can.
 */
export function useColor(io: Io, stream: OutStream, options: Pick<Options, 'color'>): boolean {
  if (options.color === 'always') return true;
  if (options.color === 'never' || options.color === false) return false;
  if ((io.env.NO_COLOR ?? '') !== '') return false;
  const forced = io.env.FORCE_COLOR ?? '';
  if (forced !== '') return forced !== '0' && forced !== 'false';
  return stream.isTTY === true && io.env.TERM !== 'dumb';
}

/** The palette for a stream. chalk is loaded only where there is something to colour. */
export async function paletteFor(
  io: Io,
  stream: OutStream,
  options: Pick<Options, 'color'>,
): Promise<Palette> {
  if (!useColor(io, stream, options)) return plain;
  const { Chalk } = await import('chalk');
  const chalk = new Chalk({ level: 1 });
  return {
    bold: (text) => chalk.bold(text),
    dim: (text) => chalk.dim(text),
    red: (text) => chalk.red(text),
    green: (text) => chalk.green(text),
    yellow: (text) => chalk.yellow(text),
    cyan: (text) => chalk.cyan(text),
  };
}
