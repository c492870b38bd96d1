import { defaultRevisionsKept } from '../../domain/release.ts';
import { adoptRelease } from '../../services/adopt-release.ts';
import type { AdoptRequest } from '../../services/hand-over.ts';
import { returnRelease } from '../../services/return-release.ts';
import { viewOptions, withSession } from '../change-run.ts';
import type { Cli } from '../cli.ts';
import { argument, clusterOf, installationOf } from '../target.ts';
import { adoptionView } from '../views/adoption.ts';
import { printResult } from '../views/print.ts';

/** `appstore adopt [--back] <release>` */
export async function run(cli: Cli): Promise<undefined> {
  const deps = await clusterOf(cli);
  const helm = await cli.context.helmReleases();
  const request = { ...installationOf(cli, deps, argument(cli, 0)), ...adoptSettings(cli) };
  const work = cli.options.back === true ? returnRelease : adoptRelease;
  const result = await withSession(cli, { plan: !request.dryRun }, (session) =>
    work({ ...deps, helm }, request, session),
  );
  await printResult(cli, adoptionView(result, viewOptions(cli, deps.cluster.target.simulated)));
}

/** What the flags say of an adoption, of one release or of many. */
export function adoptSettings({ options, context }: Cli): Omit<AdoptRequest, 'name' | 'namespace'> {
  return {
    dryRun: options.dryRun === true,
    keep: options.keep ?? defaultRevisionsKept,
    holder: context.holder(),
    ...(options.waitForLock === undefined ? {} : { waitForLock: options.waitForLock }),
  };
}
