import { readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { indexFileName } from '../../../domain/catalog-index.ts';
import { signatureFileName } from '../../../domain/index-statement.ts';
import type { MadeSignature, SignatureRequest } from '../../../services/catalog-maker.ts';
import { isMissing } from '../../sandbox/files.ts';
import { digestOf } from '../opened.ts';
import { reading } from '../reading.ts';
import { type IndexSigner, indexSigner, leftUnsigned, requireSigned } from '../trust/signer.ts';
import { isStage, type Stage } from './stage.ts';
import { writing } from './writing.ts';

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
  const index = await readText(join(out, indexFileName));
  if (
    index !== undefined &&
    digestOf(Buffer.from(index)) !== signer.last &&
    !(await finishKilled(out, signer))
  )
    requireSigned(signer, digestOf(Buffer.from(index)), join(out, indexFileName));
  return {
    async sign(stage) {
      const { text, signed } = await signer.sign(digestOf(await readFile(stage.at(indexFileName))));
      await stage.write(signatureFileName, text);
      return signed;
    },
  };
}

/** A build that was killed before its last step has left the index that it signed: it takes its place, with all that it names there already. */
async function finishKilled(out: string, { last }: IndexSigner): Promise<boolean> {
  for (const name of (await readdir(out)).filter(isStage)) {
    const staged = join(out, name, indexFileName);
    const text = await readText(staged).catch(() => undefined);
    if (text === undefined || digestOf(Buffer.from(text)) !== last) continue;
    await writing(staged, () => rename(staged, join(out, indexFileName)));
    return true;
  }
  return false;
}

async function readText(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    return isMissing(error) ? undefined : reading(file, () => Promise.reject(error));
  }
}
