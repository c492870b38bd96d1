import { cleanText } from '../../domain/text.ts';
import type { LogLine, LogReader } from '../../services/logs.ts';
import type { InstallationName } from '../../services/requests.ts';
import type { Cli } from '../cli.ts';
import { tellPending } from '../tell-pending.ts';
import { paletteFor } from './color.ts';
import { problemLines } from './error.ts';
import { tell, toJson } from './print.ts';

/** Longest line shown on a terminal, characters. */
const longestLine = 16 * 1024;

/**
 * Writes log lines to stdout, each behind pod and container where there are several. On a terminal without control sequences:
 * whoever writes a log must not write to the screen. In a pipe they stay.
 With `-o json` each line is an object of its own.
 */
export async function logReader(cli: Cli, name: InstallationName): Promise<LogReader> {
  const { stdout } = cli.io;
  const asJson = cli.options.output === 'json';
  const palette = await paletteFor(cli.io, stdout, cli.options);
  const shown = (text: string) => (stdout.isTTY === true ? cleanText(text, longestLine) : text);
  return {
    line: (line, several) => {
      const { pod, container, text } = line;
      if (asJson) return void stdout.write(`${jsonLine(line)}\n`);
      const prefix = several ? `${palette.cyan(`${pod}/${container}`)} ` : '';
      stdout.write(`${prefix}${shown(text)}\n`);
    },
    pending: (operation) => tellPending(cli, name, operation),
    problem: (problem) => tell(cli, problemLines(problem, palette).join('\n')),
  };
}

/** Namespace, pod, container and text, on one line; as safe to show as `toJson` is. */
function jsonLine({ namespace, pod, container, text }: LogLine): string {
  return toJson({ namespace, pod, container, text }, 0);
}
