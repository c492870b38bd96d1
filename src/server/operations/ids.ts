import { createHash, createHmac } from 'node:crypto';
import { AppstoreError } from '../../domain/errors.ts';
import { stableJson } from '../../domain/stable-json.ts';

/** What an operation is doing, also where it stands in no record. */
export type OperationKind = 'install' | 'upgrade' | 'rollback' | 'remove' | 'adopt' | 'return' | 'repair';

const kinds: ReadonlySet<string> = new Set<OperationKind>([
  ...(['install', 'upgrade', 'rollback', 'remove', 'adopt', 'return', 'repair'] as const),
]);

/** Where the record of an operation lies, and by which word it is found there: all that an id says. */
export interface OperationRef {
  readonly cluster: string;
  readonly namespace: string;
  readonly name: string;
  readonly operation: OperationKind;
  /** `requestId` of the operation, or its `id` where nobody named it. */
  readonly key: string;
}

/** The id of an operation: any replica finds its record by it. It is no secret, and gives no right. */
export function operationId({ cluster, namespace, name, operation, key }: OperationRef): string {
  return Buffer.from(JSON.stringify([cluster, namespace, name, operation, key])).toString('base64url');
}

/** Reads an id. @throws AppstoreError OPERATION_NOT_FOUND */
export function parseOperationId(id: string): OperationRef {
  try {
    const parts: unknown = JSON.parse(Buffer.from(id, 'base64url').toString('utf8'));
    if (Array.isArray(parts) && parts.length === 5 && parts.every((part) => typeof part === 'string')) {
      const [cluster = '', namespace = '', name = '', operation = '', key = ''] = parts as string[];
      const ref = { cluster, namespace, name, operation: operation as OperationKind, key };
      if (kinds.has(operation) && /^[A-Za-z0-9_-]{1,64}$/.test(key) && operationId(ref) === id) return ref;
    }
  } catch {
    // It is none, whatever it is.
  }
  throw new AppstoreError('OPERATION_NOT_FOUND', 'this is not the id of an operation');
}

/** Characters of the part that stands for the key, and of the whole. */
const keyPart = 16;

/**
 * The name that an operation is found by again, from the idempotency key: the first part stands for key and caller, the second for what
 * was asked. The body is digested under the key, which is in no record: nobody who reads the record can guess at a password in it.
 * @param key As the caller sent it
 */
export function requestIdOf(caller: string, key: string, body: unknown): string {
  const who = createHash('sha256')
    .update(JSON.stringify(['appstore', caller, key]))
    .digest('base64url');
  const what = createHmac('sha256', key).update(stableJson(body)).digest('base64url');
  return `${who.slice(0, keyPart)}${what.slice(0, keyPart)}`;
}

/** Whether a name was made from the same key as another, whatever was asked. */
export function sameKey(one: string, other: string): boolean {
  return one.slice(0, keyPart) === other.slice(0, keyPart);
}

/** One key is for one request. @throws AppstoreError KEY_REUSED */
export function requireSame(key: string, requestId: string): void {
  if (key !== requestId)
    throw new AppstoreError('KEY_REUSED', 'this `Idempotency-Key` was sent before with another request');
}
