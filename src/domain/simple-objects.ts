import { isObject } from './json.ts';
import { checkObject } from './names.ts';
import type { KubeObject } from './objects.ts';

type Check = (value: unknown, object: KubeObject) => boolean;

interface SimpleKind {
  readonly kind: string;
  /** Plural name in paths. */
  readonly resource: string;
  /** Every field that may be there beside apiVersion, kind and metadata; any other is left to the server. */
  readonly fields: Readonly<Record<string, Check>>;
  readonly whole: (object: KubeObject) => boolean;
  readonly reason: string;
}

/** Half of what the server allows (`MaxSecretSize`, 1 MiB): what is near the limit is left to the server. */
const largest = 512 * 1024;
/** Half of `TotalAnnotationSizeLimitB`. */
const largestAnnotations = 128 * 1024;
/** Length and form of a key (apimachinery `IsConfigMapKey`); one that begins with two dots is refused. */
const dataKey = /^(?!\.\.|\.$)[-._a-zA-Z0-9]{1,253}$/;
/** What Go's `base64.StdEncoding` reads, without the line feeds that it would pass over. */
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * Types of Secrets whose rules are checked here, with the keys of which one set has to be there. Tokens, Docker configurations
 * and types that are not listed are left to the server. Source: kubernetes pkg/apis/core/validation `ValidateSecret`.
 */
const secretTypes: Readonly<Record<string, { readonly needs: readonly (readonly string[])[] }>> = {
  Opaque: { needs: [[]] },
  'kubernetes.io/tls': { needs: [['tls.crt', 'tls.key']] },
  'kubernetes.io/basic-auth': { needs: [['username'], ['password']] },
};

const simpleKinds: readonly SimpleKind[] = [
  {
    kind: 'ConfigMap',
    resource: 'configmaps',
    fields: { data: isTextMap, binaryData: isBase64Map, immutable: isBoolean },
    whole: (object) => sizeOf(object) <= largest && keysDiffer(object),
    reason: 'keys, sizes and types are all that is checked (pkg/apis/core/validation `ValidateConfigMap`)',
  },
  {
    kind: 'Secret',
    resource: 'secrets',
    fields: { data: isBase64Map, immutable: isBoolean, type: isKnownType },
    whole: (object) => sizeOf(object) <= largest && hasItsKeys(object),
    reason: 'keys, sizes and the rules of its type are all that is checked (`ValidateSecret`)',
  },
  {
    kind: 'ServiceAccount',
    resource: 'serviceaccounts',
    fields: { automountServiceAccountToken: isBoolean },
    whole: () => true,
    reason: 'nothing but its metadata is checked (`ValidateServiceAccount`)',
  },
];

/** Metadata that every kind takes; owners, finalizers and the like have checks of their own and are left to the server. */
const plainMetadata: ReadonlySet<string> = new Set(['name', 'namespace', 'labels', 'annotations']);

/**
 * Plural name of the kind where an API server that nobody else has a say in would surely take the object as a new one; undefined
 * where that is not known here, which says nothing against the object: the server has to be asked. A test holds both against
 * the answers of a real server.
 */
export function surelyValid(object: KubeObject): string | undefined {
  const row = simpleKinds.find(({ kind }) => kind === object.kind);
  if (row === undefined || object.apiVersion !== 'v1') return undefined;
  const { apiVersion: _version, kind: _kind, metadata, ...rest } = object;
  const fits =
    isPlainMetadata(metadata) &&
    checkObject(object).length === 0 &&
    Object.entries(rest).every(([field, value]) => row.fields[field]?.(value, object) === true) &&
    row.whole(object);
  return fits ? row.resource : undefined;
}

function isPlainMetadata(metadata: KubeObject['metadata']): boolean {
  return (
    Object.keys(metadata).every((field) => plainMetadata.has(field)) &&
    [metadata.labels, metadata.annotations].every((map) => map === undefined || isTexts(map)) &&
    Buffer.byteLength(JSON.stringify(metadata.annotations ?? {})) <= largestAnnotations
  );
}

function isBoolean(value: unknown): boolean {
  return typeof value === 'boolean';
}

/** Texts that are the same after they went through UTF-8; null would take a key away under server-side apply. */
function isTexts(value: unknown): value is Readonly<Record<string, string>> {
  return (
    isObject(value) && Object.values(value).every((text) => typeof text === 'string' && text.isWellFormed())
  );
}

function isTextMap(value: unknown): boolean {
  return isTexts(value) && Object.keys(value).every((key) => dataKey.test(key));
}

function isBase64Map(value: unknown): boolean {
  return (
    isTextMap(value) && Object.values(value as Record<string, string>).every((text) => base64.test(text))
  );
}

function isKnownType(value: unknown): boolean {
  return typeof value === 'string' && Object.hasOwn(secretTypes, value);
}

/** At least as many bytes as the server counts: it counts what base64 decodes to. */
function sizeOf(object: KubeObject): number {
  const texts = [object.data, object.binaryData].flatMap((map) => (isTexts(map) ? Object.values(map) : []));
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
}

function keysDiffer({ data, binaryData }: KubeObject): boolean {
  return (
    !isObject(data) ||
    !isObject(binaryData) ||
    Object.keys(data).every((key) => !Object.hasOwn(binaryData, key))
  );
}

function hasItsKeys({ type, data }: KubeObject): boolean {
  const row = secretTypes[typeof type === 'string' ? type : 'Opaque'];
  const has = (key: string) => isObject(data) && Object.hasOwn(data, key);
  return row?.needs.some((keys) => keys.every(has)) === true;
}
