import { createHmac } from 'node:crypto';
import type { KubeObject } from './objects.ts';
import { stableJson } from './stable-json.ts';

/**
 * The digest by which an upgrade knows that it applied just this object before (96 bits of HMAC-SHA-256, base64url). Keyed,
 * because the index is readable by people who may not read Secrets.
 */
export function appliedDigest(object: KubeObject, key: string): string {
  return createHmac('sha256', key).update(stableJson(object)).digest('base64url').slice(0, 16);
}
