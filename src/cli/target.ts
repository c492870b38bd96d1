import type { AppReference } from '../domain/app.ts';
import { AppstoreError } from '../domain/errors.ts';
import { checkInstallationName, suggestInstallationName } from '../domain/names.ts';
import { parseReference } from '../domain/reference.ts';
import { SANDBOX_NOTICE } from '../domain/sandbox.ts';
import { openApp } from '../services/browse.ts';
import type { ChangeDeps, InstallationName, WriteDeps } from '../services/requests.ts';
import { checkTarget } from '../services/state.ts';
import type { Cli } from './cli.ts';
import { busy } from './progress/busy.ts';
import { say } from './views/print.ts';

/** Connects, and says so where no container will ever run. */
export async function clusterOf(cli: Cli): Promise<WriteDeps> {
  return noticed(cli, cli.context.cluster());
}

/** The same, with the catalogs. */
export async function clusterAndCatalogsOf(cli: Cli): Promise<ChangeDeps> {
  return noticed(cli, cli.context.change());
}

/** The same for what takes its package from the record. */
export async function clusterForStored(cli: Cli): Promise<ChangeDeps> {
  return noticed(cli, cli.context.changeStored());
}

async function noticed<Deps extends WriteDeps>(cli: Cli, connecting: Promise<Deps>): Promise<Deps> {
  const deps = await busy(cli, 'Connecting', connecting);
  if (deps.cluster.target.simulated) say(cli, SANDBOX_NOTICE);
  return deps;
}

/** The installation that a command is about. Throws NAME_INVALID before anything is asked of the cluster. */
export function installationOf(cli: Cli, deps: WriteDeps, name: string): InstallationName {
  const namespace = cli.options.namespace ?? deps.cluster.target.namespace;
  checkTarget({ namespace, name });
  return { namespace, name };
}

/** The app that an argument names; `--version` is the same as `@version`. */
export function referenceOf(text: string, version: string | undefined): AppReference {
  const reference = parseReference(text);
  if (version === undefined) return reference;
  if (reference.range === version) return reference;
  if (reference.range !== undefined) {
    throw new AppstoreError('USAGE', `\`${text}\` names a version already, and --version says ${version}`, {
      hint: 'Give one of the two.',
    });
  }
  if (reference.location !== undefined && !/^oci:/i.test(reference.location)) {
    throw new AppstoreError('USAGE', `${text} has one version: --version has nothing to choose from`);
  }
  return parseReference(`${text}@${version}`);
}

/**
 * The name that stands after the app, or that of the app. Throws NAME_INVALID, with the order that is meant, where they stand as Helm wants
 * them: the name before the chart.
 */
export async function nameOf(cli: Cli, reference: AppReference): Promise<string> {
  const [app = '', name] = cli.args;
  if (name === undefined) return defaultName(cli, reference);
  if (name.includes('/') && checkInstallationName(app) === undefined) {
    throw new AppstoreError(
      'NAME_INVALID',
      `\`${name}\` is no name for an installation: the app comes first`,
      {
        hint: `Write it like \`${name} ${app}\`.`,
      },
    );
  }
  return name;
}

/** The name of an installation that was given none: that of the app. In a folder its app.yaml says it. */
async function defaultName(cli: Cli, reference: AppReference): Promise<string> {
  if (reference.location === undefined) return suggestInstallationName(reference.name);
  const { resolved } = await openApp(await cli.context.browse(), reference, cli.io.signal);
  return suggestInstallationName(resolved.name);
}

/** An argument that is required unless a flag says what it would. Throws USAGE as commander does. */
export function requiredArgument(cli: Cli, index: number, of: string): string {
  const text = cli.args[index];
  if (text !== undefined) return text;
  const [command = '', name = ''] = of.split(' ');
  throw new AppstoreError('USAGE', `missing required argument '${name}'`, {
    hint: `Read \`appstore ${command} --help\`.`,
  });
}

/** A required argument; commander has checked that it is there. */
export function argument(cli: Cli, index: number): string {
  return cli.args[index] ?? '';
}
