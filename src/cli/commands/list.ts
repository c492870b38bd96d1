import { cleanLine } from '../../domain/text.ts';
import { listInstallations } from '../../services/inspect.ts';
import { listWithHelm } from '../../services/list-with-helm.ts';
import type { WriteDeps } from '../../services/requests.ts';
import type { Cli } from '../cli.ts';
import { busy } from '../progress/busy.ts';
import { clusterOf } from '../target.ts';
import { tellUnfinished } from '../tell-pending.ts';
import { installationListView, mixedListView } from '../views/installations.ts';
import { printResult, say, tell } from '../views/print.ts';

/** `appstore list` */
export async function run(cli: Cli): Promise<undefined> {
  const deps = await clusterOf(cli);
  const all = cli.options.allNamespaces === true;
  const namespace = cli.options.namespace ?? deps.cluster.target.namespace;
  if (cli.options.helm === true) return runWithHelm(cli, deps, all ? undefined : namespace);
  const list = await busy(cli, 'Listing', listInstallations(deps, all ? {} : { namespace }, cli.io.signal));
  if (list.limitedTo !== undefined)
    say(cli, `You may list namespace ${list.limitedTo} only, not all of them.`);
  tellUnfinished(cli, list.items);
  await printResult(cli, installationListView(list, { namespaces: all }));
  if (list.items.length > 0) return;
  say(
    cli,
    all
      ? 'Nothing is installed.'
      : `Nothing is installed in namespace ${namespace}; \`appstore list -A\` looks everywhere.`,
  );
}

/** `appstore list --helm` */
async function runWithHelm(cli: Cli, deps: WriteDeps, namespace: string | undefined): Promise<undefined> {
  const helm = await cli.context.helmReleases();
  const charts = ['wide', 'json', 'yaml'].includes(cli.options.output ?? 'table');
  const scope = { charts, ...(namespace === undefined ? {} : { namespace }) };
  const list = await busy(cli, 'Listing', listWithHelm({ ...deps, helm }, scope, cli.io.signal));
  if (list.limitedTo !== undefined)
    say(cli, `You may list namespace ${list.limitedTo} only, not all of them.`);
  for (const { message } of list.problems) tell(cli, `Warning: ${cleanLine(message)}`);
  tellUnfinished(cli, list.items);
  await printResult(cli, mixedListView(list, { namespaces: namespace === undefined }));
  if (list.chartsUnread)
    say(cli, `The charts of ${list.releases.length} Helm releases were not read; \`-o wide\` reads them.`);
  if (list.items.length + list.releases.length === 0) say(cli, 'Nothing is installed.');
}
