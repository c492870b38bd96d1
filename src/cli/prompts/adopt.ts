import { cleanLine } from '../../domain/text.ts';
import type { Io } from '../io.ts';

/** Asks whether an object that exists already becomes part of the app; `--yes` does not answer it. */
export async function askAdopt(io: Io, why: string): Promise<boolean> {
  const { confirm } = await import('@inquirer/prompts');
  return confirm(
    { message: `${cleanLine(why, 400)}. Make it part of the app?`, default: false },
    { input: io.stdin, output: io.stderr, signal: io.signal },
  );
}
