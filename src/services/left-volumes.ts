import { isAdopted } from '../domain/adoption.ts';
import type { ResolvedPackage } from '../domain/app.ts';
import { ApiError, AppstoreError, isForbidden, type Problem } from '../domain/errors.ts';
import { expectedClaims, isOtherSize, sizeAsked } from '../domain/expected-claims.ts';
import { displayId, type ObjectRef } from '../domain/objects.ts';
import { generatedName, ownershipKeys } from '../domain/ownership.ts';
import type { Plan } from '../domain/plan.ts';
import type { InstallationRecord } from '../domain/release.ts';
import type { Rendered } from '../domain/rendered.ts';
import { cleanLine } from '../domain/text.ts';
import { isStillOurs } from './inventory.ts';
import { inParallel } from './parallel.ts';

import type { Cluster, PartialObject } from './ports.ts';
import type { ChangeRequest, InstallationName } from './requests.ts';
import { requestsAtOnce } from './survey.ts';

const claimKind = { group: '', version: 'v1', kind: 'PersistentVolumeClaim' };
const secretKind = { group: '', version: 'v1', kind: 'Secret' };

/** What the name of a first install finds in the namespace. */
export interface LeftBefore {
  /** Claims that are used again, with the data in them, and Secrets. */
  readonly used: readonly ObjectRef[];
  readonly warnings: readonly Problem[];
}

interface Wanted {
  readonly rendered: Rendered;
  readonly app: Pick<ResolvedPackage, 'catalog' | 'name'>;
  /** True where there are generated secrets of the name already. */
  readonly hasGenerated: boolean;
}

/**
 * The claims of this name that a first install uses again, each with its size. Throws OBJECT_FOREIGN where another app left them or
 * the passwords that open them, unless they are adopted by name: its data is not this app's to read, nor to purge.
 */
export async function leftBefore(
  cluster: Cluster,
  request: ChangeRequest,
  wanted: Wanted,
  signal: AbortSignal,
): Promise<LeftBefore> {
  const { namespace } = request;
  const expected = expectedClaims(
    wanted.rendered.objects.map(({ object }) => object),
    namespace,
  );
  const secrets = secretsOf(request, wanted);
  const [listed, ...found] = await Promise.all([
    expected.length === 0 ? [] : listClaims(cluster, namespace, signal),
    ...secrets.map((ref) => metadataOf(cluster, ref, signal)),
  ]);
  const used = listed.filter(({ metadata }) => expected.some(({ fits }) => fits(metadata.name)));
  const claims = used.map(({ metadata }) => ({ ...claimKind, namespace, name: metadata.name }));
  const left = [
    ...used.map((live, index) => ({ ref: claims[index] as ObjectRef, live })),
    ...secrets.map((ref, index) => ({ ref, live: found[index] })),
  ];
  refuseOthers(request, wanted, left);
  const warnings = await inParallel(claims, requestsAtOnce, async (ref) => {
    const asked = expected.find(({ fits }) => fits(ref.name))?.size ?? '';
    return usedAgain(ref, asked, await cluster.get(ref, signal));
  });
  const there = left.filter(({ live }) => live !== undefined);
  return { used: there.map(({ ref }) => ref), warnings };
}

/** Secrets that the data in volumes may ask for: ours, and those of the app that hold what it made. */
function secretsOf({ namespace, name }: InstallationName, { rendered, hasGenerated }: Wanted): ObjectRef[] {
  const opening = rendered.objects.filter(
    ({ phase, object }) =>
      phase.kind === 'normal' &&
      phase.opensVolumes === true &&
      (object.metadata.namespace ?? namespace) === namespace,
  );
  const names = [
    ...(hasGenerated ? [generatedName(name)] : []),
    ...opening.map(({ object }) => object.metadata.name),
  ];
  return names.map((one) => ({ ...secretKind, namespace, name: one }));
}

/** Who may not look is told nothing of volumes, as far as anybody can. */
async function listClaims(
  cluster: Cluster,
  namespace: string,
  signal: AbortSignal,
): Promise<readonly PartialObject[]> {
  try {
    return (await cluster.listMetadata(claimKind, { namespace, signal })).items;
  } catch (error) {
    if (isForbidden(error)) return [];
    throw error;
  }
}

async function metadataOf(
  cluster: Cluster,
  ref: ObjectRef,
  signal: AbortSignal,
): Promise<PartialObject | undefined> {
  try {
    return await cluster.getMetadata(ref, signal);
  } catch (error) {
    if (isForbidden(error)) return undefined;
    throw error;
  }
}

function refuseOthers(
  { name, namespace, adopt = [] }: ChangeRequest,
  { app }: Wanted,
  left: readonly { readonly ref: ObjectRef; readonly live: PartialObject | undefined }[],
): void {
  const own = `${app.catalog}/${app.name}`;
  const others = left.flatMap(({ ref, live }) => {
    const by = live?.metadata.annotations?.[ownershipKeys.leftBy];
    return by === undefined || by === own || isAdopted(adopt, ref) ? [] : [{ ref, by: cleanLine(by, 128) }];
  });
  if (others.length === 0) return;
  const apps = [...new Set(others.map(({ by }) => by))].join(', ');
  const refs = others.map(({ ref }) => ref);
  throw new AppstoreError(
    'OBJECT_FOREIGN',
    `${name} in namespace ${namespace}: an installation of ${apps} had this name, and what it left would become part of ${own}`,
    {
      problems: others.map(({ ref, by }) => ({ message: `${displayId(ref)}: left by ${by}` })),
      hint: `Install under another name. Or delete what was left, with all data in it: \`kubectl delete -n ${namespace} ${refs.map(({ kind, name: one }) => `${kind.toLowerCase()}/${one}`).join(' ')}\`. Where ${own} can read that data: \`${refs.map((ref) => `--adopt ${ref.kind}/${ref.name}`).join(' ')}\`.`,
    },
  );
}

function usedAgain(ref: ObjectRef, asked: string, live: Awaited<ReturnType<Cluster['get']>>): Problem {
  const capacity: unknown = live?.status?.capacity?.storage;
  const has = sizeAsked(live?.spec);
  const size = typeof capacity === 'string' ? capacity : has;
  const there = `${displayId(ref)}${size === '' ? '' : ` of ${cleanLine(size, 32)}`} is there already and is used again, with the data in it`;
  if (!isOtherSize(asked, has)) return { message: there };
  return {
    message: `${there}; the app asks for ${asked}`,
    hint: 'A claim that a StatefulSet finds keeps its size. It grows by its own `spec.resources.requests.storage`, where its StorageClass allows that.',
  };
}

/** Writes on claims and Secrets that a removal leaves which app they are of, so that no other takes them for its own. */
export async function noteLeft(
  cluster: Cluster,
  { namespace, catalog, app }: InstallationRecord,
  kept: Plan['kept'],
  signal: AbortSignal,
): Promise<void> {
  const data = kept.filter(
    (one) =>
      isStillOurs(one) &&
      one.ref.group === '' &&
      one.ref.namespace === namespace &&
      [claimKind.kind, secretKind.kind].includes(one.ref.kind),
  );
  const patch = { metadata: { annotations: { [ownershipKeys.leftBy]: `${catalog}/${app}` } } };
  await inParallel(data, requestsAtOnce, async ({ ref }) => {
    try {
      await cluster.mergePatch(ref, patch, { fieldManager: 'appstore-left', signal });
    } catch (error) {
      // It is gone, or may not be written: no reason not to remove the rest.
      if (!(error instanceof ApiError && [403, 404].includes(error.failure.status))) throw error;
    }
  });
}
