import { isObject, type Json, objectsIn } from '../../../domain/json.ts';

/** An entry of what a registry answers where it refuses (OCI distribution spec 1.1, "Error Codes"). */
interface Refusal {
  /** `MANIFEST_BLOB_UNKNOWN`; `''` where there is none. */
  readonly code: string;
  readonly message: string;
}

/** Why a registry refuses; empty for a body that does not say. */
function refusalsIn(body: Buffer): readonly Refusal[] {
  let value: Json;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    return [];
  }
  const text = (found: unknown) => (typeof found === 'string' ? found.trim() : '');
  return objectsIn(isObject(value) ? value.errors : undefined)
    .map(({ code, message }) => ({ code: text(code), message: text(message) }))
    .filter(({ code, message }) => code !== '' || message !== '');
}

/** The same for people: `blob unknown to registry (MANIFEST_BLOB_UNKNOWN)`. Undefined for a body that does not say. */
export function reasonIn(body: Buffer): string | undefined {
  const reasons = refusalsIn(body).map(({ code, message }) => {
    if (message === '' || code === '') return message || code;
    return `${message} (${code})`;
  });
  return reasons.length === 0 ? undefined : [...new Set(reasons)].join('; ');
}

/** True where a registry misses a blob that a manifest names. */
export function missesBlob(body: Buffer): boolean {
  return refusalsIn(body).some(({ code }) => code === 'MANIFEST_BLOB_UNKNOWN');
}
