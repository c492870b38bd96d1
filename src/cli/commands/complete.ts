import type { Cli } from '../cli.ts';
import { completions } from '../completion/complete.ts';

/** `appstore __complete -- words...`: never asks, never fails loudly; what cannot be known is not completed. */
export async function run(cli: Cli): Promise<undefined> {
  const words = cli.args[0] === '--' ? cli.args.slice(1) : cli.args;
  // A shell that completes has no place for an error.
  const found = await completions(cli, words).catch(() => []);
  cli.io.stdout.write(found.map(({ text, about }) => `${text}\t${about}\n`).join(''));
}
