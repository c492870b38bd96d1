import { isObject, type Json, type JsonObject } from './json.ts';
import { jsonEqual } from './json-equal.ts';
import type { KubeObject } from './objects.ts';
import { parseQuantity } from './quantity.ts';

/** An object whose volumes stay as they are in the cluster. */
export interface KeptVolumes {
  readonly object: KubeObject;
  /** One line a difference; empty where there was none. */
  readonly differences: readonly string[];
}

/**
 * A PersistentVolumeClaim as it can be applied to a live one: its spec cannot be changed but for more storage (Kubernetes
 * documentation, "Expanding Persistent Volumes Claims"). Whatever else the desired spec asks for, the live claim keeps.
 */
export function keepClaim(desired: KubeObject, live: KubeObject): KeptVolumes {
  const wanted: JsonObject = isObject(desired.spec) ? desired.spec : {};
  const there: JsonObject = isObject(live.spec) ? live.spec : {};
  const differences: string[] = [];
  const spec = Object.entries(wanted).map(([key, value]) => {
    if (fits(value, there[key]) || (key === 'resources' && grows(value, there[key]))) return [key, value];
    differences.push(difference(key, value, there[key]));
    return [key, there[key]];
  });
  if (differences.length === 0) return { object: desired, differences };
  return { object: { ...desired, spec: withoutUndefined(spec) }, differences };
}

/** A StatefulSet with the claim templates of the live one, which cannot be changed at all. */
export function keepTemplates(desired: KubeObject, live: KubeObject): KeptVolumes {
  const wanted: Json[] = Array.isArray(desired.spec?.volumeClaimTemplates)
    ? desired.spec.volumeClaimTemplates
    : [];
  const there: Json[] = Array.isArray(live.spec?.volumeClaimTemplates) ? live.spec.volumeClaimTemplates : [];
  const same = wanted.length === there.length && wanted.every((one, at) => fits(one, there[at]));
  if (same) return { object: desired, differences: [] };
  const { volumeClaimTemplates: _other, ...spec } = desired.spec;
  const kept = there.length === 0 ? spec : { ...spec, volumeClaimTemplates: there };
  return {
    object: { ...desired, spec: kept },
    differences: [difference('volumeClaimTemplates', wanted, there)],
  };
}

/** True where the live value has all that is wanted; what the server added beside it does not count. */
function fits(wanted: Json | undefined, live: Json | undefined): boolean {
  if (isObject(wanted))
    return isObject(live) && Object.entries(wanted).every(([key, value]) => fits(value, live[key]));
  if (Array.isArray(wanted))
    return (
      Array.isArray(live) && wanted.length === live.length && wanted.every((one, at) => fits(one, live[at]))
    );
  return jsonEqual(wanted, live) || sameQuantity(wanted, live);
}

function sameQuantity(a: Json | undefined, b: Json | undefined): boolean {
  const [one, other] = [quantityOf(a), quantityOf(b)];
  return one !== undefined && one === other;
}

function quantityOf(value: Json | undefined): bigint | undefined {
  return typeof value === 'string' || typeof value === 'number'
    ? parseQuantity(String(value))?.nano
    : undefined;
}

/** True where no more differs than that more storage is asked for: the server decides whether it can grow. */
function grows(wanted: Json | undefined, live: Json | undefined): boolean {
  const [more, less] = [storageOf(wanted), storageOf(live)];
  return more !== undefined && less !== undefined && more > less;
}

function storageOf(resources: Json | undefined): bigint | undefined {
  const requests = isObject(resources) ? resources.requests : undefined;
  return isObject(requests) ? quantityOf(requests.storage) : undefined;
}

function difference(field: string, wanted: Json | undefined, live: Json | undefined): string {
  const [have, want] = [summary(live), summary(wanted)];
  return `.spec.${field} stays ${have} (the revision has ${want})`;
}

/** Sizes say most about a volume; everything else is shown as it stands. */
function summary(value: Json | undefined): string {
  if (value === undefined) return 'unset';
  if (Array.isArray(value) && value.every((one) => isObject(one) && isObject(one.spec)))
    return value.length === 0 ? 'none' : value.map((one) => templateSummary(one as JsonObject)).join(', ');
  return JSON.stringify(value);
}

function templateSummary({ metadata, spec }: JsonObject): string {
  const name = isObject(metadata) ? String(metadata.name) : '?';
  const shown = isObject(spec) ? spec : {};
  const parts = [
    shown.storageClassName,
    shown.accessModes,
    isObject(shown.resources) ? shown.resources.requests : undefined,
  ];
  return `${name} ${parts
    .filter((part) => part !== undefined)
    .map((part) => JSON.stringify(part))
    .join(' ')}`;
}

function withoutUndefined(entries: readonly (readonly (Json | undefined)[])[]): JsonObject {
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as JsonObject;
}
