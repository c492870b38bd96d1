import { AppstoreError } from '../../domain/errors.ts';
import { runChange } from '../change-run.ts';
import type { Cli } from '../cli.ts';
import { positiveInteger } from '../flags/flag.ts';
import { requiredArgument } from '../target.ts';

/** `appstore rollback <name> [revision]` */
export async function run(cli: Cli): Promise<number | undefined> {
  if (cli.options.plan !== undefined) return (await import('../saved-run.ts')).runSaved(cli, 'rollback');
  const text = cli.args[1];
  const revision = text === undefined ? undefined : positiveInteger(text);
  if (text !== undefined && revision === undefined) {
    throw new AppstoreError('USAGE', `\`${text}\` is no revision: it must be a number from 1 on`, {
      hint: `\`appstore history ${requiredArgument(cli, 0, 'rollback name')}\` lists them.`,
    });
  }
  return runChange(cli, {
    operation: 'rollback',
    name: requiredArgument(cli, 0, 'rollback name'),
    ...(revision === undefined ? {} : { revision }),
  });
}
