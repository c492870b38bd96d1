import { HELM_CATALOG, LOCAL_CATALOG } from '../../domain/catalog-names.ts';
import { AppstoreError } from '../../domain/errors.ts';
import { requireRecord } from '../../services/inspect.ts';
import { runChange } from '../change-run.ts';
import type { Cli } from '../cli.ts';
import { clusterOf, installationOf, referenceOf, requiredArgument } from '../target.ts';

/** `appstore upgrade <name> [app]` */
export async function run(cli: Cli): Promise<number | undefined> {
  if (cli.options.plan !== undefined) return (await import('../saved-run.ts')).runSaved(cli, 'upgrade');
  const name = requiredArgument(cli, 0, 'upgrade name');
  const { version } = cli.options;
  if (cli.options.undo === true) return undo(cli, name);
  const text = cli.args[1] ?? (version === undefined ? undefined : await installedApp(cli, name));
  return runChange(cli, {
    operation: 'upgrade',
    name,
    ...(text === undefined ? {} : { app: referenceOf(text, version) }),
  });
}

/** `--version` alone is a version of the app that is installed. */
async function installedApp(cli: Cli, name: string): Promise<string> {
  const deps = await clusterOf(cli);
  const record = await requireRecord(deps, installationOf(cli, deps, name), cli.io.signal);
  if (record.catalog !== LOCAL_CATALOG && record.catalog !== HELM_CATALOG)
    return `${record.catalog}/${record.app}`;
  throw new AppstoreError('USAGE', `${name} came from no catalog: --version has nothing to choose from`, {
    hint: `Name where it lies: \`appstore upgrade ${name} ./folder\`, or \`oci://host/path\`.`,
  });
}

/** `appstore upgrade <name> --undo`: nothing can be changed on the way back. */
async function undo(cli: Cli, name: string): Promise<number | undefined> {
  const { values, assignments, patch, imageRegistry, imagePullSecret, resetValues, resetPatches, version } =
    cli.options;
  const more = [
    values,
    assignments,
    patch,
    imageRegistry,
    imagePullSecret,
    resetValues,
    resetPatches,
    version,
    cli.args[1],
  ];
  if (more.some((one) => one !== undefined))
    throw new AppstoreError('USAGE', '`--undo` goes back to what is deployed: it takes no app and no values');
  return runChange(cli, { operation: 'rollback', undo: true, name });
}
