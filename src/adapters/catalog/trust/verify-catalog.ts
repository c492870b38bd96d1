import { AppstoreError } from '../../../domain/errors.ts';
import { isCurrent, type SignedIndex } from '../../../domain/index-statement.ts';
import { requireCurrent, requireWanted } from '../../../domain/signature-policy.ts';
import type {
  CatalogEntry,
  CatalogSigner,
  CatalogVerification,
  PinnedSignature,
} from '../../../services/catalog-store.ts';
import { openIndex } from '../helm/local-index.ts';
import { fetchSignature, type SignatureQuestion } from './fetch-signature.ts';
import { keptStatement, requireKept } from './kept.ts';
import { keyId, verifyingKey } from './keys.ts';

export interface VerifyRequest extends SignatureQuestion {
  /** The local index. */
  readonly file: string;
  readonly now: Date;
}

/** What a catalog is pinned to, and which signature covers the index that is kept here; undefined where it is pinned to nobody. */
export function pinnedSignature(entry: CatalogEntry, file: string, now: Date): PinnedSignature | undefined {
  if (entry.signedBy === undefined) return undefined;
  const signer = keyId(verifyingKey(entry.signedBy.key));
  const kept = keptStatement(entry, keptDigest(file, entry.location));
  return kept === undefined
    ? { signer, current: false }
    : { signer, index: kept, current: isCurrent(kept, now) };
}

/** Checks what is kept of a catalog and what its server says now, and tells everything that is wrong. */
export async function verifyCatalog(request: VerifyRequest): Promise<CatalogVerification> {
  const { entry, file, now, signal } = request;
  const { name, location, signedBy } = entry;
  const signature = pinnedSignature(entry, file, now);
  // Nothing to check: no server is asked.
  if (signedBy === undefined || signature === undefined)
    return { name, location, outcome: 'unsigned', problems: [] };
  const problems: AppstoreError[] = [];
  const collect = async <T>(work: () => T | Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof AppstoreError)) throw error;
      problems.push(error);
      return undefined;
    }
  };
  await collect(() => {
    const kept = requireKept(entry, keptDigest(file, location));
    if (kept !== undefined) requireCurrent(kept, name, now);
  });
  const server = await collect(() => askServer(request, signedBy));
  return {
    name,
    location,
    outcome: problems.length === 0 ? 'verified' : 'failed',
    signature,
    ...(server === undefined ? {} : { server }),
    problems: problems.map(({ code, message, hint }) => ({ code, message, hint })),
  };
}

async function askServer(request: VerifyRequest, signer: CatalogSigner): Promise<SignedIndex> {
  const { entry, now } = request;
  const server = await fetchSignature(request, signer);
  requireWanted(server, {
    name: entry.name,
    now,
    ...(signer.as === undefined ? {} : { as: signer.as }),
    ...(entry.trust === undefined ? {} : { seen: entry.trust.seen }),
  });
  return server;
}

function keptDigest(file: string, location: string): string {
  const index = openIndex(file);
  index?.close();
  return index?.facts.location === location ? index.facts.digest : '';
}
