import type { SignerName } from '../../../domain/index-statement.ts';
import type { CatalogSigner } from '../../../services/catalog-store.ts';
import { keyId, verifyingKeys } from './keys.ts';

/** Everybody whose signature counts. Throws USAGE for a key that is none. */
export function signersOf({ key, identities = [] }: CatalogSigner): readonly SignerName[] {
  return [
    ...(key === undefined ? [] : verifyingKeys(key).map((one) => ({ signer: keyId(one) }))),
    ...identities.map(({ identity, issuer }) => ({ signer: identity, issuer })),
  ];
}

/** True where somebody's signature counts. */
export function isTrusted(pin: CatalogSigner, { signer, issuer }: SignerName): boolean {
  return signersOf(pin).some((one) => one.signer === signer && one.issuer === issuer);
}
