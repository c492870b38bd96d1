import { TrustedRoot } from '@sigstore/protobuf-specs';
import { getTrustedRoot } from '@sigstore/tuf';

/** The root of trust that a TUF repository of Sigstore has, as JSON; kept in a folder. Throws where it cannot be had. */
export async function publicRoot(mirrorURL: string, cachePath: string): Promise<string> {
  const root = await getTrustedRoot({ mirrorURL, cachePath, retry: { retries: 1 }, timeout: 10_000 });
  return JSON.stringify(TrustedRoot.toJSON(root));
}
