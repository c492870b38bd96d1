import type { ObjectPatch } from '../domain/app.ts';
import { AppstoreError } from '../domain/errors.ts';
import { parsePath, valueAt } from '../domain/given.ts';
import type { Json, JsonObject } from '../domain/json.ts';
import { leaseRef, readLease } from '../domain/lease.ts';
import { createMasker, type Masker } from '../domain/masking.ts';
import type { InstallationRecord, RevisionContent, RevisionHead } from '../domain/release.ts';
import { cleanLine } from '../domain/text.ts';
import type { HelmReleases } from './ports.ts';
import { readRelease } from './read-release.ts';
import type {
  ClusterDeps,
  HistoryReport,
  InstallationList,
  InstallationName,
  StoredPart,
} from './requests.ts';
import { checkTarget, newestRevision } from './state.ts';

/** All installations, or those of one namespace; where only one namespace may be read, that one, and it says so. */
export async function listInstallations(
  deps: ClusterDeps,
  scope: { readonly namespace?: string },
  signal?: AbortSignal,
): Promise<InstallationList> {
  const list = await deps.records.list({ ...scope, fallback: deps.cluster.target.namespace }, signal);
  const items = [...list.items].sort(
    (a, b) => a.namespace.localeCompare(b.namespace) || a.name.localeCompare(b.name),
  );
  return { ...list, items };
}

/** The record of an installation. Throws INSTALLATION_NOT_FOUND. */
export async function requireRecord(
  deps: Pick<ClusterDeps, 'records' | 'cluster'>,
  name: InstallationName,
  signal?: AbortSignal,
): Promise<InstallationRecord> {
  checkTarget(name);
  const record = await deps.records.read(name.namespace, name.name, signal);
  if (record !== undefined) return record;
  throw new AppstoreError(
    'INSTALLATION_NOT_FOUND',
    `nothing is installed as ${name.name} in namespace ${name.namespace}`,
    { hint: (await cutEarly(deps, name, signal)) ?? elsewhere },
  );
}

const elsewhere =
  'Look with `appstore list -A --helm`; another namespace is chosen with `-n`, and `appstore adopt` takes a release over from Helm.';

/** Where only a lock lies there: somebody works on it, or was cut before there was a record. */
async function cutEarly(
  { cluster }: Pick<ClusterDeps, 'cluster'>,
  { namespace, name }: InstallationName,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const lease = await cluster.get(leaseRef({ namespace, name }), signal).catch(() => undefined);
  if (lease === undefined) return undefined;
  const { holder, since } = readLease(lease);
  return `${cleanLine(holder, 200)} began an operation at ${since || 'an unknown time'}. If it was cut: the same install goes on, and \`appstore remove ${name} -n ${namespace}\` takes away what it left.`;
}

/** The revisions of an installation, newest first. Needs no right to read Secrets. */
export async function history(
  deps: ClusterDeps,
  name: InstallationName,
  signal?: AbortSignal,
): Promise<HistoryReport> {
  const record = await requireRecord(deps, name, signal);
  return { record, revisions: [...record.revisions].sort((a, b) => b.number - a.number) };
}

/**
 * One part of what is stored of a revision (the current one where none is named), with secrets masked; with `helm` also of a release that Helm
 * manages.
 */
export async function stored(
  deps: ClusterDeps & { readonly helm?: HelmReleases },
  name: InstallationName,
  part: StoredPart['part'],
  revision: number | undefined,
  signal?: AbortSignal,
): Promise<StoredPart> {
  const { helm } = deps;
  checkTarget(name);
  const own = await deps.records.read(name.namespace, name.name, signal);
  const wanted = { ...name, ...(revision === undefined ? {} : { revision }) };
  const release =
    own === undefined && helm !== undefined
      ? await readRelease({ ...deps, helm }, wanted, signal)
      : undefined;
  if (release !== undefined)
    return { ...storedParts[part](release.content, maskerOf(release.content, {})), ofHelm: true };
  const record = own ?? (await requireRecord(deps, name, signal));
  const content = await deps.records.revision(record, revision ?? newestRevision(record), signal);
  const mask = maskerOf(content, await deps.records.readGenerated(name.namespace, name.name, signal));
  return {
    ...storedParts[part](content, mask),
    ...(record.pending === undefined ? {} : { pending: record.pending }),
  };
}

const storedParts: {
  readonly [P in StoredPart['part']]: (
    content: RevisionContent,
    mask: Masker,
  ) => Extract<StoredPart, { part: P }>;
} = {
  values: (content, mask) => ({
    part: 'values',
    values: mask.json(content.options.values) as JsonObject,
    secretRefs: content.options.secretRefs,
    yielded: content.options.yielded,
    patches: mask.json(content.options.patches as unknown as Json) as unknown as readonly ObjectPatch[],
    imageRegistry: content.options.imageRegistry,
    imagePullSecrets: content.options.imagePullSecrets,
  }),
  manifest: (content, mask) => ({
    part: 'manifest',
    objects: content.rendered.objects.map(({ object }) => mask.object(object)),
  }),
  notes: (content, mask) => ({ part: 'notes', notes: mask.text(content.rendered.notes) }),
  outputs: (content, mask) => ({
    part: 'outputs',
    outputs: content.rendered.outputs.map((output) => ({ ...output, value: mask.text(output.value) })),
  }),
};

/** A masker for everything secret in a revision: what the schema calls secret, and what was generated. */
export function maskerOf(content: RevisionHead, generated: Readonly<Record<string, string>>): Masker {
  return createMasker([...Object.values(generated), ...givenSecrets(content)]);
}

/** The secrets that a user gave, as plain values or by the Secrets that they were read from, and those that the package made. */
export function givenSecrets(
  content: Pick<RevisionHead, 'secretPaths' | 'readSecrets' | 'madeSecrets' | 'options'>,
): string[] {
  const plain = content.secretPaths.flatMap((path) =>
    textOf(valueAt(content.options.values, parsePath(path))),
  );
  return [...plain, ...(content.readSecrets ?? []), ...(content.madeSecrets ?? [])];
}

function textOf(value: Json | undefined): string[] {
  return typeof value === 'string' || typeof value === 'number' ? [String(value)] : [];
}
