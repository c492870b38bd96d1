import { AppstoreError } from '../../domain/errors.ts';
import { nearest } from '../../domain/near.ts';
import { stored } from '../../services/inspect.ts';
import type { StoredPart } from '../../services/requests.ts';
import type { Cli } from '../cli.ts';
import { busy } from '../progress/busy.ts';
import { argument, clusterOf, installationOf } from '../target.ts';
import { tellPending } from '../tell-pending.ts';
import { printResult, say } from '../views/print.ts';
import { storedView } from '../views/stored.ts';

const parts: readonly StoredPart['part'][] = ['values', 'manifest', 'notes', 'outputs'];

/** `appstore get <name> <part>` */
export async function run(cli: Cli): Promise<undefined> {
  const text = argument(cli, 1);
  const part = parts.find((known) => known === text);
  if (part === undefined)
    throw new AppstoreError('USAGE', `\`${text}\` is no part; there are ${parts.join(', ')}`, {
      hint:
        nearest(text, parts).length > 0 ? `Did you mean ${nearest(text, parts)[0]}?` : 'Name one of them.',
    });
  const deps = { ...(await clusterOf(cli)), helm: await cli.context.helmReleases() };
  const name = installationOf(cli, deps, argument(cli, 0));
  const found = await busy(cli, 'Looking', stored(deps, name, part, cli.options.revision, cli.io.signal));
  tellPending(cli, name, found.pending);
  if (found.ofHelm === true) say(cli, `${name.name} is a release of Helm; \`appstore adopt\` takes it over.`);
  await printResult(cli, storedView(found));
  if (isEmpty(found)) say(cli, `${name.name} has no ${part}.`);
}

function isEmpty(found: StoredPart): boolean {
  if (found.part === 'notes') return found.notes === '';
  return found.part === 'outputs' && found.outputs.length === 0;
}
