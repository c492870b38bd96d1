import { formatAge } from '../domain/age.ts';
import type { InstallationSummary, PendingOperation } from '../domain/release.ts';
import { cleanLine } from '../domain/text.ts';
import { pendingAdvice } from '../services/pending-advice.ts';
import type { InstallationName } from '../services/requests.ts';
import type { Cli } from './cli.ts';
import { tell } from './views/print.ts';

/** Says on stderr, in one line, what is under way or was cut: who began it and when, how to go on and how to go back. */
export function tellPending(cli: Cli, name: InstallationName, pending: PendingOperation | undefined): void {
  if (pending === undefined) return;
  const { goOn, goBack } = pendingAdvice(name, pending);
  const back = goBack === undefined ? '' : `, \`${goBack}\` goes back`;
  const begun = `begun ${formatAge(pending.startedAt, cli.context.clock.now())} ago by ${pending.holder}`;
  const what =
    pending.revision === 0 ? pending.operation : `${pending.operation} to revision ${pending.revision}`;
  tell(
    cli,
    cleanLine(
      `Warning: ${name.name}: ${what}, ${begun}, is not finished. If it was cut: \`${goOn}\` goes on${back}.`,
    ),
  );
}

/** The same for a list, which knows the states alone. */
export function tellUnfinished(cli: Cli, items: readonly InstallationSummary[]): void {
  const open = items.filter(({ state }) => state !== 'deployed' && state !== 'failed');
  if (open.length === 0) return;
  const shown = open.slice(0, 3).map(({ namespace, name, state }) => `${namespace}/${name} (${state})`);
  const more = open.length > shown.length ? ` and ${open.length - shown.length} more` : '';
  const [{ name, namespace }] = open as [InstallationSummary];
  tell(
    cli,
    cleanLine(
      `Warning: not finished: ${shown.join(', ')}${more}. \`appstore status ${name} -n ${namespace}\` tells by whom, and how to go on.`,
    ),
  );
}
