import { AppstoreError } from '../../domain/errors.ts';
import { credentials } from '../../services/credentials.ts';
import type { Cli } from '../cli.ts';
import { busy } from '../progress/busy.ts';
import { argument, clusterOf, installationOf } from '../target.ts';
import { tellPending } from '../tell-pending.ts';
import { credentialsView } from '../views/credentials.ts';
import { printResult, say } from '../views/print.ts';

/** `appstore credentials <name> [key]` */
export async function run(cli: Cli): Promise<undefined> {
  const deps = await clusterOf(cli);
  const name = installationOf(cli, deps, argument(cli, 0));
  const [secrets, record] = await busy(
    cli,
    'Looking',
    Promise.all([
      credentials(deps, name, cli.io.signal),
      // The secrets are what was asked for, also where nothing else may be read.
      deps.records.read(name.namespace, name.name, cli.io.signal).catch(() => undefined),
    ]),
  );
  tellPending(cli, name, record?.pending);
  const key = cli.args[1];
  if (key === undefined) {
    await printResult(cli, credentialsView(name, secrets, { values: cli.options.all === true }));
    if (Object.keys(secrets).length === 0)
      say(
        cli,
        `${name.name} has no credentials: nothing was generated, and its own Secrets hold no line of text.`,
      );
    return;
  }
  const value = Object.hasOwn(secrets, key) ? secrets[key] : undefined;
  if (value === undefined) {
    const known = Object.keys(secrets).join(', ') || 'none';
    throw new AppstoreError(
      'CREDENTIAL_NOT_FOUND',
      `${name.name} has no credential \`${key}\` (there are: ${known})`,
    );
  }
  if (cli.options.output === undefined || cli.options.output === 'table') {
    // For pipes the value alone; a person at a terminal gets a line of its own.
    cli.io.stdout.write(cli.io.stdout.isTTY === true ? `${value}\n` : value);
  } else await printResult(cli, credentialsView(name, { [key]: value }, { values: true }));
}
