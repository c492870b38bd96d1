import { AppstoreError } from '../../../domain/errors.ts';
import { type SignedIndex, signatureFileName } from '../../../domain/index-statement.ts';
import { longestSignature } from '../../../domain/sigstore-bundle.ts';
import type { CatalogEntry, CatalogSigner } from '../../../services/catalog-store.ts';
import { readHttp } from '../http/client.ts';
import type { HttpSettings } from '../http/settings.ts';
import { siteFile } from '../site/site-file.ts';
import { believe, notBelieved } from './believe.ts';
import { signersOf } from './pins.ts';

export interface SignatureQuestion {
  readonly entry: CatalogEntry;
  readonly http: HttpSettings;
  /** Folder where Sigstore's public root of trust is kept. */
  readonly roots: string;
  readonly signal: AbortSignal;
}

/** Buckets forbid what is not there. */
const absent: readonly number[] = [403, 404, 410];

/**
 * What the signer says of the index that a site serves now. Whether it is what is wanted is judged by `requireWanted`.
 *
 * @throws AppstoreError CATALOG_UNSIGNED, SIGNATURE_INVALID, TRUST_ROOT_UNREACHABLE, and what asking the server throws
 */
export async function fetchSignature(
  { entry, http, roots, signal }: SignatureQuestion,
  signer: CatalogSigner,
): Promise<SignedIndex> {
  // A pin that is none is told before anybody is asked.
  signersOf(signer);
  const url = siteFile(entry.location, signatureFileName);
  const file = `${url.origin}${url.pathname}`;
  const answer = await readHttp(http, {
    what: `the signature of catalog \`${entry.name}\``,
    url,
    also: absent,
    limit: longestSignature,
    compressed: true,
    signal,
  });
  if (answer.status !== 200)
    throw new AppstoreError(
      'CATALOG_UNSIGNED',
      `there is no signature of catalog \`${entry.name}\` at ${file}.`,
      { place: { file } },
    );
  const signed = await believe(answer.bytes.toString('utf8'), signer, { roots });
  if (typeof signed !== 'string') return signed;
  throw notBelieved(entry.name, signed, file);
}
