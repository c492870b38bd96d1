import { ApiError } from '../domain/errors.ts';
import { displayId, type GroupVersionKind, idKey, type ObjectRef } from '../domain/objects.ts';
import { applySetId, ownershipKeys } from '../domain/ownership.ts';
import { type InstallationSummary, recordFormatVersion, stateOfOperation } from '../domain/release.ts';
import { cleanLine } from '../domain/text.ts';
import { listInstallations } from './inspect.ts';
import { namespaceContents } from './namespace-contents.ts';
import { inParallel } from './parallel.ts';
import type { Cluster, PartialObject, ResourceType } from './ports.ts';
import type { ClusterDeps, Finding, InstallationName } from './requests.ts';
import { requestsAtOnce } from './survey.ts';

const shown = 5;
const running: ReadonlySet<string> = new Set(Object.values(stateOfOperation));

/**
 * What is stuck (operations that have not ended, failed revisions, records of a newer format) and what is orphaned: parts of
 * a record without its index, objects of an installation that has no record, namespaces that an install made and a removal
 * left. All from metadata.
 */
export async function stateFindings(deps: ClusterDeps, signal: AbortSignal): Promise<Finding[]> {
  const list = await listInstallations(deps, {}, signal);
  const known = new Set(list.items.map(keyOf));
  const scope = list.limitedTo === undefined ? {} : { namespace: list.limitedTo };
  const [parts, objects, namespaces] = await Promise.all([
    orphanedParts(deps.cluster, scope, known, signal),
    orphanedObjects(deps.cluster, scope, list.items, signal),
    leftNamespaces(deps.cluster, known, signal),
  ]);
  const where = list.limitedTo === undefined ? 'in all namespaces' : `in namespace ${list.limitedTo}`;
  const found = [...list.items.flatMap(stuckFindings), ...parts, ...objects, ...namespaces];
  const summary = `${list.items.length} ${list.items.length === 1 ? 'installation' : 'installations'} ${where}`;
  return [{ area: 'state', check: 'installations', state: 'ok', message: summary }, ...found];
}

const keyOf = ({ namespace, name }: { readonly namespace: string; readonly name: string }) =>
  `${namespace}/${name}`;

function stuckFindings(item: InstallationSummary): Finding[] {
  const { name, namespace } = item;
  const base = { area: 'state', check: cleanLine(keyOf(item)) } as const;
  if (item.formatVersion > recordFormatVersion) {
    return [
      {
        ...base,
        state: 'warning',
        message: `its record has format ${item.formatVersion}; this version writes ${recordFormatVersion} and can only read it`,
        fix: 'Use a newer version of appstore.',
      },
    ];
  }
  if (running.has(item.state)) {
    return [
      {
        ...base,
        state: 'warning',
        message: `${item.state} since ${cleanLine(item.updatedAt)}`,
        fix: `If nobody works on it, the same command goes on: look with \`appstore status ${name} -n ${namespace}\`.`,
      },
    ];
  }
  if (item.state !== 'failed') return [];
  return [
    {
      ...base,
      state: 'warning',
      message: `revision ${item.revision} failed`,
      fix: `Look with \`appstore history ${name} -n ${namespace}\`.`,
    },
  ];
}

interface Scope {
  readonly namespace?: string;
}

const secretKind: GroupVersionKind = { group: '', version: 'v1', kind: 'Secret' };
const configMapKind: GroupVersionKind = { group: '', version: 'v1', kind: 'ConfigMap' };
const leaseKind: GroupVersionKind = { group: 'coordination.k8s.io', version: 'v1', kind: 'Lease' };

/** Parts of a record whose index is gone: a removal was cut at its very end, or somebody deleted the index. */
async function orphanedParts(
  cluster: Cluster,
  scope: Scope,
  known: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<Finding[]> {
  const lists = await Promise.all(
    [secretKind, configMapKind, leaseKind].map((kind) =>
      readable(cluster.listMetadata(kind, { ...scope, labelSelector: ownershipKeys.installation, signal })),
    ),
  );
  const parts = lists.flatMap((list) => list ?? []).filter((item) => !known.has(installationKey(item)));
  return [...Map.groupBy(parts, installationKey)].flatMap(([key, items]) => partFindings(key, items));
}

function installationKey({ metadata }: PartialObject): string {
  return `${metadata.namespace ?? ''}/${metadata.labels?.[ownershipKeys.installation] ?? ''}`;
}

/** Generated secrets outlive a removal on purpose, with the volumes that they open. */
function partFindings(key: string, items: readonly PartialObject[]): Finding[] {
  const [namespace = '', name = ''] = key.split('/');
  const base = { area: 'state', check: cleanLine(key) } as const;
  const helms = items.filter(({ metadata }) => metadata.labels?.['appstore.dev/record'] === 'helm');
  const secrets = items.filter(({ metadata }) => metadata.name === `appstore.${name}.generated`);
  const rest = items.filter((item) => !secrets.includes(item) && !helms.includes(item));
  const verify = `appstore verify ${cleanLine(name)} -n ${cleanLine(namespace)}`;
  const wasCut = rest.some(({ kind }) => kind === leaseKind.kind);
  const remove = `appstore remove ${cleanLine(name)} -n ${cleanLine(namespace)}`;
  return [
    ...(helms.length === 0
      ? []
      : [
          {
            ...base,
            state: 'warning',
            message: `${helms.length} revisions of a Helm release that was taken over, without a record`,
            fix: `\`appstore adopt ${cleanLine(name)} -n ${cleanLine(namespace)}\` takes it over again.`,
          } as const,
        ]),
    ...(secrets.length === 0
      ? []
      : [
          {
            ...base,
            state: 'ok',
            message: 'removed, its volumes and the secrets that open them were kept',
            fix: `See them with \`${verify}\`; a new install of that name finds them.`,
          } as const,
        ]),
    ...(rest.length === 0
      ? []
      : [
          {
            ...base,
            state: 'warning',
            message: wasCut
              ? `an operation that was cut before it was recorded, or is under way: ${rest.length} parts of it`
              : `${rest.length} parts of a record without its index`,
            fix: wasCut
              ? `If nobody works on it: the same install goes on, \`${remove}\` takes them away.`
              : `Nothing refers to them: see them with \`${verify}\` and delete them.`,
          } as const,
        ]),
  ];
}

/** Objects that carry the label of an installation which has no record. */
async function orphanedObjects(
  cluster: Cluster,
  scope: Scope,
  items: readonly InstallationSummary[],
  signal: AbortSignal,
): Promise<Finding[]> {
  const sets = new Set(items.map((item) => applySetId(item.namespace, item.name)));
  const types = (await cluster.resourceTypes(signal)).filter(
    (type) =>
      type.verbs.includes('list') &&
      !type.resource.includes('/') &&
      (type.namespaced || scope.namespace === undefined),
  );
  const labelSelector = `${ownershipKeys.partOf},${ownershipKeys.managedBy}=appstore`;
  const found = await inParallel(types, requestsAtOnce, async (type) => {
    const list = await readable(cluster.listMetadata(type, { ...scope, labelSelector, signal }));
    return (list ?? []).map((item) => ({ type, item }));
  });
  const orphans = found
    .flat()
    .filter(({ item }) => !sets.has(item.metadata.labels?.[ownershipKeys.partOf] ?? ''));
  const groups = Map.groupBy(orphans, ({ item }) => item.metadata.labels?.[ownershipKeys.partOf] ?? '');
  return [...groups.values()].map(orphanFinding);
}

function orphanFinding(
  group: readonly { readonly type: ResourceType; readonly item: PartialObject }[],
): Finding {
  const names = group
    .slice(0, shown)
    .map(({ type, item }) =>
      displayId({ kind: type.kind, namespace: item.metadata.namespace ?? '', name: item.metadata.name }),
    );
  const more = group.length > shown ? ` and ${group.length - shown} more` : '';
  const instance = group[0]?.item.metadata.labels?.[ownershipKeys.instance] ?? 'unknown';
  return {
    area: 'state',
    check: cleanLine(instance),
    state: 'warning',
    message: cleanLine(`objects of an installation without a record: ${names.join(', ')}${more}`, 400),
    fix: 'Forgotten on purpose, they are yours to manage. Otherwise delete them, or install the app again and adopt them.',
  };
}

/** Namespaces that were made for an installation which is gone. To delete one is advised only where nothing else is in it. */
async function leftNamespaces(
  cluster: Cluster,
  known: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<Finding[]> {
  const list = await readable(
    cluster.listMetadata({ group: '', version: 'v1', kind: 'Namespace' }, { signal }),
  );
  const findings = (list ?? []).map(async ({ metadata }): Promise<Finding[]> => {
    const madeFor = metadata.annotations?.[ownershipKeys.createdFor];
    if (madeFor === undefined || known.has(`${metadata.name}/${madeFor}`)) return [];
    const base = { area: 'state', check: cleanLine(`Namespace/${metadata.name}`) } as const;
    if (metadata.deletionTimestamp !== undefined) {
      const message = `made for ${cleanLine(madeFor)}, it is being deleted since ${metadata.deletionTimestamp}`;
      return [{ ...base, state: 'ok', message }];
    }
    const made = `made by the install of ${cleanLine(madeFor)}, which is removed`;
    const place = { namespace: metadata.name, name: madeFor };
    const use = await useOfNamespace(cluster, place, known, signal);
    if (use !== undefined) return [{ ...base, state: 'ok', message: cleanLine(`${made}; ${use}`, 400) }];
    const left = await refsIn(cluster, workloads, metadata.name, signal);
    const message = left.length === 0 ? made : cleanLine(`${made}; still in it: ${namesOf(left)}`, 400);
    const fix = `If nothing else needs it${left.length === 0 ? '' : ', nor what is in it'}: kubectl delete namespace ${metadata.name}`;
    return [{ ...base, state: 'warning', message, fix }];
  });
  return (await Promise.all(findings)).flat();
}

const claims: readonly GroupVersionKind[] = [{ group: '', version: 'v1', kind: 'PersistentVolumeClaim' }];

/** What may go on running of an installation that was forgotten. */
const workloads: readonly GroupVersionKind[] = [
  { group: 'apps', version: 'v1', kind: 'Deployment' },
  { group: 'apps', version: 'v1', kind: 'StatefulSet' },
  { group: 'apps', version: 'v1', kind: 'DaemonSet' },
  { group: 'batch', version: 'v1', kind: 'CronJob' },
  { group: '', version: 'v1', kind: 'Pod' },
];

async function refsIn(
  cluster: Cluster,
  kinds: readonly GroupVersionKind[],
  namespace: string,
  signal: AbortSignal,
): Promise<ObjectRef[]> {
  const lists = await Promise.all(
    kinds.map((kind) => readable(cluster.listMetadata(kind, { namespace, signal }))),
  );
  return lists.flatMap((list, index) =>
    (list ?? []).map(({ metadata }) => ({
      ...(kinds[index] as GroupVersionKind),
      ...{ namespace, name: metadata.name },
    })),
  );
}

function namesOf(refs: readonly ObjectRef[]): string {
  const more = refs.length > shown ? ` and ${refs.length - shown} more` : '';
  return `${refs.slice(0, shown).map(displayId).join(', ')}${more}`;
}

/** What else than the objects of the installation itself is in a namespace, and its volumes; undefined where there is none. */
async function useOfNamespace(
  cluster: Cluster,
  { namespace, name }: InstallationName,
  known: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<string | undefined> {
  const installed = [...known].filter((key) => key.startsWith(`${namespace}/`)).length;
  if (installed > 0) return `${installed} ${installed === 1 ? 'installation is' : 'installations are'} in it`;
  const own = { installation: name, applySetId: applySetId(namespace, name), leaving: new Set<string>() };
  const [{ others, unread }, volumes] = await Promise.all([
    namespaceContents(cluster, { namespace, ...own }, signal),
    refsIn(cluster, claims, namespace, signal),
  ]);
  const refs = [...new Map([...volumes, ...others].map((ref) => [idKey(ref), ref])).values()];
  if (refs.length > 0) return `still in it: ${namesOf(refs)}`;
  return unread.length > 0
    ? `whether it is empty cannot be told: you may not list ${unread.join(', ')}`
    : undefined;
}

/** Items of a list; undefined where the caller may not list them. */
async function readable(
  list: Promise<{ readonly items: readonly PartialObject[] }>,
): Promise<readonly PartialObject[] | undefined> {
  try {
    return (await list).items;
  } catch (error) {
    const status = error instanceof ApiError ? error.failure.status : 0;
    if (status === 403 || status === 404 || status === 405) return undefined;
    throw error;
  }
}
