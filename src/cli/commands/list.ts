import { listInstallations } from '../../services/inspect.ts';
import type { Cli } from '../cli.ts';
import { busy } from '../progress/busy.ts';
import { clusterOf } from '../target.ts';
import { tellUnfinished } from '../tell-pending.ts';
import { installationListView } from '../views/installations.ts';
import { printResult, say } from '../views/print.ts';

/** `appstore list` */
export async function run(cli: Cli): Promise<undefined> {
  const deps = await clusterOf(cli);
  const all = cli.options.allNamespaces === true;
  const namespace = cli.options.namespace ?? deps.cluster.target.namespace;
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
