import type { AppReference } from '../domain/app.ts';
import { AppstoreError } from '../domain/errors.ts';
import { checkInstallationName, checkNamespaceName, suggestInstallationName } from '../domain/names.ts';
import { parseReference } from '../domain/reference.ts';
import { SANDBOX_NOTICE } from '../domain/sandbox.ts';
import type { ChangeDeps, InstallationName } from '../services/requests.ts';
import type { Cli } from './cli.ts';
import { say } from './views/print.ts';

/** Connects, and says so where no container will ever run. */
export async function clusterOf(cli: Cli): Promise<ChangeDeps> {
  const deps = await cli.context.cluster();
  if (deps.cluster.target.simulated) say(cli, SANDBOX_NOTICE);
  return deps;
}

/** The installation that a command is about. Throws NAME_INVALID before anything is asked of the cluster. */
export function installationOf(cli: Cli, deps: ChangeDeps, name: string): InstallationName {
  const namespace = cli.options.namespace ?? deps.cluster.target.namespace;
  const problem = checkInstallationName(name) ?? checkNamespaceName(namespace);
  if (problem === undefined) return { namespace, name };
  throw new AppstoreError(
    'NAME_INVALID',
    problem.message,
    problem.hint === undefined ? {} : { hint: problem.hint },
  );
}

/** The app that an argument names; `--version` is the same as `@version`. */
export function referenceOf(text: string, version: string | undefined): AppReference {
  const reference = parseReference(text);
  if (version === undefined) return reference;
  if (reference.range !== undefined) {
    throw new AppstoreError('USAGE', `\`${text}\` names a version already; --version says another`);
  }
  return { ...reference, text: `${text}@${version}`, range: version };
}

/** The name of an installation that was given none: that of the app, or of the folder that holds it. */
export function defaultName(reference: AppReference): string {
  return suggestInstallationName(reference.name);
}

/** A required argument; commander has checked that it is there. */
export function argument(cli: Cli, index: number): string {
  return cli.args[index] ?? '';
}
