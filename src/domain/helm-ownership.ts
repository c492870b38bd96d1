import { isObject, type JsonObject } from './json.ts';
import { uniteFields } from './managed-fields-rewrite.ts';
import type { KubeObject, ManagedFieldsEntry, ObjectMeta } from './objects.ts';
import { fieldManager, ownershipKeys, replicasManager } from './ownership.ts';

/** What Helm writes on every object of a release, and goes by (helm pkg/action/validate.go). */
const marks = {
  name: 'meta.helm.sh/release-name',
  namespace: 'meta.helm.sh/release-namespace',
  managedBy: 'Helm',
} as const;

/** The name under which Helm writes: that of its binary (helm pkg/kube/client.go, getManagedFieldsManager). */
export const helmManager = 'helm';

interface ReleaseName {
  readonly namespace: string;
  readonly name: string;
}

/** True where an object carries the marks of this release. */
export function isOfRelease(
  { annotations = {} }: Pick<ObjectMeta, 'annotations'>,
  release: ReleaseName,
): boolean {
  return annotations[marks.name] === release.name && annotations[marks.namespace] === release.namespace;
}

/** Metadata as it would be without Helm, to see who else claims the object. */
export function withoutHelmMarks<M extends Pick<ObjectMeta, 'annotations'>>(metadata: M): M {
  const { [marks.name]: _name, [marks.namespace]: _namespace, ...annotations } = metadata.annotations ?? {};
  return { ...metadata, annotations };
}

/** True for what Helm wrote, under the usual names of its binary or through Terraform. */
function isHelmEntry({ manager, subresource }: ManagedFieldsEntry): boolean {
  return (
    (subresource ?? '') === '' &&
    (/^helm(?:[-_.]?v?\d[\w.-]*)?(?:\.exe)?$/i.test(manager) || manager.startsWith('terraform-provider-helm'))
  );
}

/** True where Helm has let go of an object, and we have it. */
export function isTaken({ labels = {}, managedFields = [] }: ObjectMeta, applySetId: string): boolean {
  return (
    labels[ownershipKeys.partOf] === applySetId &&
    managedFields.some(({ manager, operation }) => manager === fieldManager && operation === 'Apply') &&
    !managedFields.some(isHelmEntry)
  );
}

/** True for the path of one of Helm's annotations, or of all annotations where there are no others. */
export function isMarkPath(path: string, before: unknown): boolean {
  const names: readonly string[] = [marks.name, marks.namespace];
  if (path === '.metadata.annotations')
    return isObject(before) && Object.keys(before).every((key) => names.includes(key));
  return names.some((name) => path === `.metadata.annotations.${name}`);
}

/**
 * What takes an object out of Helm's hands once our own apply owns what the app has: Helm's entries go, and its annotations, with
 * which it would take it back. A field that Helm alone owned and the app does not have belongs to nobody then, and keeps its value.
 */
export function takingPatch(live: PartialMetadata): JsonObject {
  const rest = (live.metadata.managedFields ?? []).filter((entry) => !isHelmEntry(entry));
  if (countsAnnotations(live)) return { managedFields: rest.map(owningMarks) as unknown as JsonObject[] };
  return {
    managedFields: rest as unknown as JsonObject[],
    annotations: { [marks.name]: null, [marks.namespace]: null },
  };
}

interface PartialMetadata {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Pick<ObjectMeta, 'managedFields'>;
}

/**
 * A Deployment gets another generation where an annotation changes (kubernetes pkg/registry/apps/deployment/strategy.go,
 * PrepareForUpdate). So that it is not touched, we own Helm's annotations there: our next apply, which leaves them out, removes them.
 */
function countsAnnotations({ apiVersion, kind }: PartialMetadata): boolean {
  return kind === 'Deployment' && apiVersion.startsWith('apps/');
}

function owningMarks(entry: ManagedFieldsEntry): ManagedFieldsEntry {
  if (entry.manager !== fieldManager || entry.operation !== 'Apply') return entry;
  const annotations = { [`f:${marks.name}`]: {}, [`f:${marks.namespace}`]: {} };
  const owned = { 'f:metadata': { 'f:annotations': annotations } };
  return { ...entry, fieldsV1: uniteFields(entry.fieldsV1 ?? {}, owned) };
}

/**
 * What gives an object to Helm: its marks, our labels gone, and what we own as Helm's own entry, by `Apply` where Helm applies the
 * release on the server, else by `Update`.
 * @param manifest The object as Helm is to know it. `marked` is false for what hooks leave behind, which Helm puts no marks on.
 */
export function givingPatch(
  live: Pick<ObjectMeta, 'managedFields' | 'labels'>,
  manifest: KubeObject,
  release: ReleaseName & { readonly applyMethod: 'ssa' | 'csa'; readonly marked: boolean },
): JsonObject {
  const own = manifest.metadata.labels ?? {};
  const stamped = [ownershipKeys.partOf, ownershipKeys.instance, ownershipKeys.managedBy];
  const ours = stamped.filter(
    (key) => own[key] === undefined && !(release.marked && key === ownershipKeys.managedBy),
  );
  const entries = givenEntries(live.managedFields ?? [], release.applyMethod, ours);
  return {
    labels: {
      ...Object.fromEntries(ours.map((key) => [key, null])),
      ...(release.marked ? { [ownershipKeys.managedBy]: marks.managedBy } : {}),
    },
    ...(release.marked
      ? { annotations: { [marks.name]: release.name, [marks.namespace]: release.namespace } }
      : {}),
    managedFields: entries as unknown as JsonObject[],
  };
}

function givenEntries(
  entries: readonly ManagedFieldsEntry[],
  applyMethod: 'ssa' | 'csa',
  gone: readonly string[],
): ManagedFieldsEntry[] {
  const operation = applyMethod === 'ssa' ? 'Apply' : 'Update';
  const isOurs = ({ manager, subresource }: ManagedFieldsEntry) =>
    (manager === fieldManager || manager === replicasManager) && (subresource ?? '') === '';
  const isTheirs = (entry: ManagedFieldsEntry) =>
    entry.manager === helmManager && entry.operation === operation && (entry.subresource ?? '') === '';
  const [first] = entries.filter((entry) => entry.manager === fieldManager && isOurs(entry));
  if (first === undefined) return [...entries];
  const given = entries.filter(
    (entry) => (isOurs(entry) || isTheirs(entry)) && entry.apiVersion === first.apiVersion,
  );
  const fields = given.reduce<JsonObject>((all, entry) => uniteFields(all, entry.fieldsV1 ?? {}), {});
  return [
    { ...first, manager: helmManager, operation, fieldsV1: withoutLabels(fields, gone) },
    ...entries.filter((entry) => !isOurs(entry) && !isTheirs(entry)),
  ];
}

function withoutLabels(fields: JsonObject, gone: readonly string[]): JsonObject {
  const metadata = fields['f:metadata'];
  const labels = isObject(metadata) ? metadata['f:labels'] : undefined;
  if (!isObject(metadata) || !isObject(labels)) return fields;
  const rest = Object.fromEntries(
    Object.entries(labels).filter(([edge]) => !gone.some((key) => edge === `f:${key}`)),
  );
  return { ...fields, 'f:metadata': { ...metadata, 'f:labels': rest } };
}
