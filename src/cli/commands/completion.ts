import { AppstoreError } from '../../domain/errors.ts';
import type { Cli } from '../cli.ts';
import { completionScripts } from '../completion/scripts.ts';
import { argument } from '../target.ts';

/** `appstore completion <shell>` */
export async function run(cli: Cli): Promise<undefined> {
  const shell = argument(cli, 0);
  const script = Object.hasOwn(completionScripts, shell) ? completionScripts[shell] : undefined;
  if (script === undefined) {
    throw new AppstoreError(
      'USAGE',
      `there is no completion for \`${shell}\`; there is for ${Object.keys(completionScripts).join(', ')}`,
    );
  }
  cli.io.stdout.write(script);
}
