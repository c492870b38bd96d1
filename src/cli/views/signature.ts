import type { Provenance } from '../../domain/app.ts';
import { signerText } from '../../domain/index-statement.ts';

/** Who signed the index that listed a package, in words; `''` where nobody is known. */
export function signatureText(provenance: Provenance | undefined): string {
  const { signature } = provenance ?? {};
  if (signature === undefined) return '';
  const { catalog, version, verifiedAt } = signature;
  return `as ${catalog}, version ${version}, by ${signerText(signature)}, checked ${verifiedAt}`;
}
