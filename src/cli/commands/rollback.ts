import { AppstoreError } from '../../domain/errors.ts';
import { runChange } from '../change-run.ts';
import type { Cli } from '../cli.ts';
import { positiveInteger } from '../flags.ts';
import { argument } from '../target.ts';

/** `appstore rollback <name> [revision]` */
export async function run(cli: Cli): Promise<number | undefined> {
  const text = cli.args[1];
  const revision = text === undefined ? undefined : positiveInteger(text);
  if (text !== undefined && revision === undefined) {
    throw new AppstoreError('USAGE', `\`${text}\` is no revision: it must be a number from 1 on`, {
      hint: `\`appstore history ${argument(cli, 0)}\` lists them.`,
    });
  }
  return runChange(cli, {
    operation: 'rollback',
    name: argument(cli, 0),
    ...(revision === undefined ? {} : { revision }),
  });
}
