import { AppstoreError } from '../../../domain/errors.ts';
import type {
  CatalogEntry,
  CatalogSigner,
  SignerIdentity,
  TrustChange,
} from '../../../services/catalog-store.ts';
import { keyId, splitPem, verifyingKey } from './keys.ts';
import { isTrusted } from './pins.ts';

/**
 * A catalog with others whom it is pinned to. What somebody signed who is not trusted any more is forgotten, also how high its version was:
 * else whoever got hold of a key could keep everybody from what comes after it (TUF's fast-forward attack).
 *
 * @throws AppstoreError USAGE for keys that are none, for what is not there to be removed, and where nobody would be left
 */
export function changePins(entry: CatalogEntry, change: TrustChange): CatalogEntry {
  if (entry.kind !== 'site' && entry.kind !== 'oci')
    throw usage(
      `catalog \`${entry.name}\` is of a kind that has no signed index (${entry.kind})`,
      'Sites and registries have one; the index of a Helm repository carries no signature.',
    );
  const { key = '', identities = [], ...rest } = entry.signedBy ?? {};
  const keys = changeKeys(key, change);
  const people = changeIdentities(identities, change);
  if (keys.length + people.length === 0)
    throw usage(
      `catalog \`${entry.name}\` would be pinned to nobody`,
      'Add the next signer first. To trust it without a signature, remove the catalog and add it again.',
    );
  const signedBy: CatalogSigner = {
    ...rest,
    ...(keys.length === 0 ? {} : { key: keys.join('') }),
    ...(people.length === 0 ? {} : { identities: people }),
    ...(change.trustedRoot === undefined ? {} : { trustedRoot: change.trustedRoot }),
  };
  const { trust, ...bare } = entry;
  if (trust === undefined || !isTrusted(signedBy, trust.seen)) return { ...bare, signedBy };
  const { kept, ...seen } = trust;
  const keep = kept !== undefined && isTrusted(signedBy, kept) ? { kept } : {};
  return { ...bare, signedBy, trust: { ...seen, ...keep } };
}

function changeKeys(pem: string, { addKeys, removeKeys }: TrustChange): readonly string[] {
  const removed = removeKeys.map(idOf);
  const before = pem === '' ? [] : splitPem(pem);
  const missing = removed.find((id) => !before.some((one) => idOf(one) === id));
  if (missing !== undefined)
    throw usage(
      `it is not pinned to the key ${missing}`,
      '`appstore catalog trust NAME` tells what it is pinned to.',
    );
  const all = [...before, ...addKeys.flatMap(splitPem)];
  const ids = all.map(idOf);
  return all.filter((_, at) => ids.indexOf(ids[at] ?? '') === at && !removed.includes(ids[at] ?? ''));
}

/** Of a key in PEM form, or the id itself. */
function idOf(key: string): string {
  const text = key.trim();
  return /^sha256:[0-9a-f]{64}$/.test(text) ? text : keyId(verifyingKey(key));
}

function changeIdentities(
  before: readonly SignerIdentity[],
  { addIdentities, removeIdentities }: TrustChange,
): readonly SignerIdentity[] {
  const same = (one: SignerIdentity) => (other: SignerIdentity) =>
    one.identity === other.identity && one.issuer === other.issuer;
  const missing = removeIdentities.find((one) => !before.some(same(one)));
  if (missing !== undefined)
    throw usage(
      `it is not pinned to ${missing.identity} (${missing.issuer})`,
      '`appstore catalog trust NAME` tells what it is pinned to.',
    );
  const fresh = addIdentities.filter((one) => !before.some(same(one)));
  return [...before, ...fresh].filter((one) => !removeIdentities.some(same(one)));
}

function usage(message: string, hint: string): AppstoreError {
  return new AppstoreError('USAGE', message, { hint });
}
