import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { indexFileName } from '../../../domain/catalog-index.ts';
import { signatureFileName } from '../../../domain/index-statement.ts';
import type { MadeSignature, SignatureRequest } from '../../../services/catalog-maker.ts';
import { isMissing } from '../../sandbox/files.ts';
import { digestOf } from '../opened.ts';
import { reading } from '../reading.ts';
import { indexSigner, leftUnsigned } from '../trust/signer.ts';
import type { Stage } from './stage.ts';

/** Signs the index of a site that is being made. */
interface SiteSigner {
  sign(stage: Stage): Promise<MadeSignature>;
}

/**
 * Whoever signs a site, found before anything is made. The version goes on from the signature that the site has.
 *
 * @param roots folder where Sigstore's public root of trust is kept
 * @returns undefined where the site is not signed, and was not before
 * @throws AppstoreError as `indexSigner` does, and USAGE for a signed site that would be left without
 */
export async function siteSigner(
  out: string,
  request: SignatureRequest | undefined,
  roots: string | undefined,
): Promise<SiteSigner | undefined> {
  const where = join(out, signatureFileName);
  const before = await readText(where);
  if (request === undefined) {
    if (before !== undefined) throw leftUnsigned(where, 'delete that file first');
    return undefined;
  }
  const signer = await indexSigner(request, { before, where, anew: 'delete that file', roots });
  return {
    async sign(stage) {
      const { text, signed } = await signer.sign(digestOf(await readFile(stage.at(indexFileName))));
      await stage.write(signatureFileName, text);
      return signed;
    },
  };
}

async function readText(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    return isMissing(error) ? undefined : reading(file, () => Promise.reject(error));
  }
}
