import { AppstoreError } from '../../domain/errors.ts';
import { importHelm } from '../../services/import-helm.ts';
import type { Session } from '../../services/requests.ts';
import { withSession } from '../change-run.ts';
import type { Cli } from '../cli.ts';
import { clusterOf } from '../target.ts';
import { importView } from '../views/adoption.ts';
import { printResult, say, tell } from '../views/print.ts';
import { adoptSettings } from './adopt.ts';

/** `appstore import-helm` */
export async function run(cli: Cli): Promise<number | undefined> {
  const { options } = cli;
  const deps = { ...(await clusterOf(cli)), helm: await cli.context.helmReleases() };
  const namespace = options.namespace ?? deps.cluster.target.namespace;
  const request = { ...adoptSettings(cli), ...(options.allNamespaces === true ? {} : { namespace }) };
  const result = await withSession(cli, { plan: false }, async (session) => {
    if (session.ask === undefined || request.dryRun) return importHelm(deps, request, withoutAsk(session));
    const shown = await importHelm(deps, { ...request, dryRun: true }, withoutAsk(session));
    const count = shown.items.filter(({ outcome }) => outcome === 'planned').length;
    if (count === 0) return shown;
    if (!(await session.ask.goOn(`Take ${count} of ${shown.items.length} releases over from Helm?`)))
      throw new AppstoreError('DECLINED', 'not confirmed; nothing was written');
    return importHelm(deps, request, withoutAsk(session));
  });
  if (result.limitedTo !== undefined)
    say(cli, `You may list namespace ${result.limitedTo} only, not all of them.`);
  for (const kind of result.unread)
    tell(cli, `Warning: you may not list ${kind}s here: releases in them were not seen.`);
  await printResult(cli, importView(result, { namespaces: options.allNamespaces === true }));
  return result.items.some(({ outcome }) => outcome === 'failed') ? 1 : undefined;
}

/** The question is asked once for all of them. */
function withoutAsk({ emit, signal }: Session): Session {
  return { emit, signal };
}
