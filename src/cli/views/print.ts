import { cleanLine, escapeUnseen, hasUnseen } from '../../domain/text.ts';
import type { Cli } from '../cli.ts';
import { widthOf } from '../io.ts';
import type { Format } from '../options.ts';
import { type Palette, paletteFor } from './color.ts';
import { wrapLines } from './wrap.ts';

/** What a text view may use. */
export interface TextStyle {
  readonly palette: Palette;
  /** Columns of the terminal; infinite where there is none. */
  readonly width: number;
  readonly wide: boolean;
  readonly now: Date;
}

/** One value and its views: the same data as text, JSON, YAML and names. */
export interface ResultView {
  /** The documented shape (docs/outputs.md). */
  readonly data: unknown;
  readonly text: (style: TextStyle) => string | Promise<string>;
  readonly names?: () => readonly string[];
}

/** Writes a result to stdout in the format that was asked for. */
export async function printResult(
  cli: Pick<Cli, 'io' | 'options' | 'context'>,
  view: ResultView,
): Promise<void> {
  const format: Format = cli.options.output ?? 'table';
  const { stdout } = cli.io;
  if (format === 'json') stdout.write(`${toJson(view.data)}\n`);
  else if (format === 'yaml') stdout.write(await toYaml(view.data));
  else if (format === 'name') stdout.write(lines((view.names?.() ?? []).map((name) => cleanLine(name))));
  else {
    const palette = await paletteFor(cli.io, stdout, cli.options);
    const style = { palette, width: widthOf(stdout), wide: format === 'wide', now: cli.context.clock.now() };
    stdout.write(lines([await view.text(style)].filter((text) => text !== '')));
  }
}

/** Says something beside the result, on stderr; nothing with `--quiet`. */
export function say(cli: Pick<Cli, 'io' | 'options'>, text: string): void {
  if (cli.options.quiet !== true) cli.io.stderr.write(`${text}\n`);
}

/** The same of a message of several words: it is broken between them. */
export function tell(cli: Pick<Cli, 'io' | 'options'>, text: string): void {
  say(cli, wrapLines(text, widthOf(cli.io.stderr)));
}

/** JSON for people and programs alike: what terminals act on is escaped. */
export function toJson(data: unknown, indent: number = 2): string {
  return escapeUnseen(JSON.stringify(data, null, indent));
}

/** YAML of one document. JSON, which YAML is, where a text has to be escaped: YAML writes it as it is. */
export async function toYaml(data: unknown): Promise<string> {
  const { writeYaml } = await import('../../domain/yaml-write.ts');
  const text = writeYaml(data);
  return hasUnseen(text) ? `${toJson(data)}\n` : text;
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => (text.endsWith('\n') ? text : `${text}\n`)).join('');
}
