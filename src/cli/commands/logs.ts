import { AppstoreError } from '../../domain/errors.ts';
import { followLogs, type LogRequest, readLogs } from '../../services/logs.ts';
import type { Cli } from '../cli.ts';
import { argument, clusterOf, installationOf } from '../target.ts';
import { logReader } from '../views/logs.ts';
import { say } from '../views/print.ts';

/** Lines of each container unless told. */
const defaultTail = 100;

/** `appstore logs <name> [object]` */
export async function run(cli: Cli): Promise<undefined> {
  const { container, tail, since, previous, follow } = cli.options;
  if (follow === true && previous === true)
    throw new AppstoreError('USAGE', 'a run that is over cannot be followed', {
      hint: 'Leave out either `--follow` or `--previous`.',
    });
  const deps = await clusterOf(cli);
  const object = cli.args[1];
  const request: LogRequest = {
    ...installationOf(cli, deps, argument(cli, 0)),
    ...(object === undefined ? {} : { object }),
    ...(container === undefined ? {} : { container }),
    ...(since === undefined ? {} : { sinceSeconds: Math.max(1, Math.ceil(since / 1000)) }),
    tailLines: tail ?? defaultTail,
    previous: previous === true,
  };
  const reader = await logReader(cli, request);
  if (follow === true) return followLogs(deps, request, reader, cli.io.signal).then(() => undefined);
  const count = await readLogs(deps, request, reader, cli.io.signal);
  if (count === 0) say(cli, `${request.name} runs no pods now.`);
}
