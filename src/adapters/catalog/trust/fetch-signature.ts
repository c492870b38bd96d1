import { AppstoreError } from '../../../domain/errors.ts';
import { type SignedIndex, signatureFileName } from '../../../domain/index-statement.ts';
import { longestBundle } from '../../../domain/sigstore-bundle.ts';
import type { CatalogEntry, CatalogSigner } from '../../../services/catalog-store.ts';
import { readHttp } from '../http/client.ts';
import type { HttpSettings } from '../http/settings.ts';
import { siteFile } from '../site/site-file.ts';
import { keyId, verifyingKey } from './keys.ts';
import { verifyBundle } from './verify.ts';

export interface SignatureQuestion {
  readonly entry: CatalogEntry;
  readonly http: HttpSettings;
  readonly signal: AbortSignal;
}

/** Buckets forbid what is not there. */
const absent: readonly number[] = [403, 404, 410];

/**
 * What the signer says of the index that a site serves now. Whether it is what is wanted is judged by `requireWanted`.
 *
 * @throws AppstoreError CATALOG_UNSIGNED, SIGNATURE_INVALID, and what asking the server throws
 */
export async function fetchSignature(
  { entry, http, signal }: SignatureQuestion,
  signer: CatalogSigner,
): Promise<SignedIndex> {
  const key = verifyingKey(signer.key);
  const url = siteFile(entry.location, signatureFileName);
  const answer = await readHttp(http, {
    what: `the signature of catalog \`${entry.name}\``,
    url,
    also: absent,
    limit: longestBundle,
    compressed: true,
    signal,
  });
  if (answer.status !== 200)
    throw new AppstoreError(
      'CATALOG_UNSIGNED',
      `there is no signature of catalog \`${entry.name}\` at ${url.origin}${url.pathname}.`,
    );
  const statement = verifyBundle(answer.bytes.toString('utf8'), key);
  if (typeof statement !== 'string') return { ...statement, signer: keyId(key) };
  throw new AppstoreError(
    'SIGNATURE_INVALID',
    `the signature of catalog \`${entry.name}\` does not count: ${statement}.`,
  );
}
