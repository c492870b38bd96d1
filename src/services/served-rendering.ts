import { AppstoreError, type Problem } from '../domain/errors.ts';
import { createMasker } from '../domain/masking.ts';
import { displayId, parseApiVersion } from '../domain/objects.ts';
import type { RenderedObject } from '../domain/rendered.ts';
import { readPackage } from './browse.ts';
import { givenSecrets } from './inspect.ts';
import { broughtKinds } from './locate.ts';
import type { Cluster } from './ports.ts';
import type { Prepared } from './prepared.ts';
import { renderOptions } from './render-options.ts';
import type { ChangeDeps, ChangeRequest, InstallationName, Session } from './requests.ts';
import type { StoredInput } from './stored-input.ts';

type Made = Pick<
  Prepared,
  'facts' | 'rendered' | 'generated' | 'newGenerated' | 'secretPaths' | 'readSecrets' | 'mask'
>;

/**
 * The stored rendering of a revision; a new one of its stored package, values and secrets with today's facts where the stored one
 * needs API versions that the cluster no longer serves (NEEDS row 17). Throws API_VERSION_GONE and what rendering throws.
 */
export async function servedRendering(
  deps: ChangeDeps,
  request: ChangeRequest,
  input: StoredInput,
  session: Session,
): Promise<Made> {
  const { content, known, stored } = input;
  // What was served a while ago decides nothing here.
  deps.cluster.forgetDiscovery();
  const gone = await goneVersions(deps.cluster, content.rendered.objects, request, session.signal);
  if (gone.length === 0) return storedRendering(input);
  const [app, facts] = await Promise.all([
    input.package.read().then((files) => readPackage(deps, files, 'rendering')),
    input.facts(),
  ]);
  const { number: revision, operation } = input.intention;
  const isUpgrade = operation !== 'install';
  const how = { options: content.options, facts, known, revision, isUpgrade, stored };
  const made = await renderOptions(deps, request, { app, ...how, fromRecord: true }, session.signal);
  const still = await goneVersions(deps.cluster, made.rendered.objects, request, session.signal);
  if (still.length > 0) throw versionsGone(content.number, still);
  const rendered = {
    ...made.rendered,
    problems: [...made.rendered.problems, renderedAgain(content.number, gone)],
  };
  return { ...made, rendered, facts };
}

/** As it was stored. Needs none of the Secrets that values were read from: they may be gone, or have other values by now. */
function storedRendering({ content, known, stored }: StoredInput): Made {
  return {
    facts: content.facts,
    rendered: content.rendered,
    generated: known,
    newGenerated: {},
    secretPaths: content.secretPaths,
    readSecrets: content.readSecrets ?? [],
    mask: createMasker([...Object.values(known), ...givenSecrets(content), ...givenSecrets(stored)]),
  };
}

/** Objects whose API version the cluster does not serve, and no CRD among them brings. */
async function goneVersions(
  cluster: Cluster,
  objects: readonly RenderedObject[],
  { namespace }: InstallationName,
  signal: AbortSignal,
): Promise<Problem[]> {
  const brought = broughtKinds(objects);
  const problems: Problem[] = [];
  for (const { object } of objects) {
    const { group, version } = parseApiVersion(object.apiVersion);
    const { kind, metadata } = object;
    if (brought.has(`${group}/${version}/${kind}`)) continue;
    if ((await cluster.resourceType({ group, version, kind }, signal)) !== undefined) continue;
    const other = await cluster.resourceType({ group, kind }, signal);
    const place = other?.namespaced === false ? '' : (metadata.namespace ?? namespace);
    problems.push({
      message: `${displayId({ kind, namespace: place, name: metadata.name })}: the cluster does not serve ${object.apiVersion} any more`,
    });
  }
  return problems;
}

function versionsGone(revision: number, problems: readonly Problem[]): AppstoreError {
  const what = `revision ${revision} needs API versions that the cluster does not serve any more, and its package renders to no others`;
  return new AppstoreError('API_VERSION_GONE', `${what}; nothing was written`, { problems });
}

function renderedAgain(revision: number, gone: readonly Problem[]): Problem {
  const [first] = gone;
  const more = gone.length > 1 ? ` (and ${gone.length - 1} more)` : '';
  return { message: `revision ${revision} was rendered again: ${first?.message ?? ''}${more}` };
}
