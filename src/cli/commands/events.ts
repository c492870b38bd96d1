import { installationEvents } from '../../services/installation-events.ts';
import type { Cli } from '../cli.ts';
import { busy } from '../progress/busy.ts';
import { argument, clusterOf, installationOf } from '../target.ts';
import { tellPending } from '../tell-pending.ts';
import { eventsView } from '../views/events.ts';
import { printResult, say, tell } from '../views/print.ts';

/** `appstore events <name>` */
export async function run(cli: Cli): Promise<undefined> {
  const deps = await clusterOf(cli);
  const name = installationOf(cli, deps, argument(cli, 0));
  const report = await busy(cli, 'Looking', installationEvents(deps, name, cli.io.signal));
  tellPending(cli, name, report.record.pending);
  await printResult(cli, eventsView(report));
  for (const { message } of report.problems) tell(cli, message);
  if (report.events.length === 0)
    say(cli, `There are no events about ${name.name} any more: clusters keep them for an hour.`);
}
