import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { indexFileName } from '../../../domain/catalog-index.ts';
import { AppstoreError } from '../../../domain/errors.ts';
import {
  type IndexStatement,
  isSignedName,
  type SignedIndex,
  signatureFileName,
} from '../../../domain/index-statement.ts';
import type { SignatureRequest } from '../../../services/catalog-maker.ts';
import { isMissing } from '../../sandbox/files.ts';
import { digestOf } from '../opened.ts';
import { reading } from '../reading.ts';
import { keyId, signingKey } from '../trust/keys.ts';
import { signStatement } from '../trust/sign.ts';
import { verifyBundle } from '../trust/verify.ts';
import type { Stage } from './stage.ts';

/** Signs the index of a site that is being made. */
interface SiteSigner {
  sign(stage: Stage): Promise<SignedIndex>;
}

/**
 * Whoever signs a site, found before anything is made. The version goes on from the signature that the site has.
 *
 * @returns undefined where the site is not signed, and was not before
 * @throws AppstoreError USAGE for a key that is none, a missing name, and a signed site that would be left without; SIGNATURE_INVALID
 *   where the site was signed with another key
 */
export async function siteSigner(
  out: string,
  request: SignatureRequest | undefined,
): Promise<SiteSigner | undefined> {
  const file = join(out, signatureFileName);
  const before = await readText(file);
  if (request === undefined) {
    if (before !== undefined) throw leftUnsigned(file);
    return undefined;
  }
  const key = signingKey(request.key);
  const last = before === undefined ? undefined : verifyBundle(before, key);
  if (typeof last === 'string') throw otherSigner(file, last);
  const catalog = nameFor(request, last);
  const version = (last?.version ?? 0) + 1;
  const expires = new Date(request.now.getTime() + request.lasts).toISOString();
  return {
    async sign(stage) {
      const digest = digestOf(await readFile(stage.at(indexFileName)));
      const statement = { catalog, version, issued: request.now.toISOString(), expires, digest };
      await stage.write(signatureFileName, signStatement(statement, key));
      return { ...statement, signer: keyId(key) };
    },
  };
}

function nameFor({ as }: SignatureRequest, last: IndexStatement | undefined): string {
  const name = as ?? last?.catalog;
  if (name === undefined)
    throw new AppstoreError('USAGE', 'a signature names the catalog that it is for', {
      hint: 'Give `--signed-as NAME` with the first signature; later ones keep it. What one key signs needs different names.',
    });
  if (isSignedName(name)) return name;
  throw new AppstoreError('USAGE', `\`${name}\` is no name for a signature`, {
    hint: 'Use lower-case letters, digits, `.`, `_`, `-` and `/`, for example `example.com/team`.',
  });
}

async function readText(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    return isMissing(error) ? undefined : reading(file, () => Promise.reject(error));
  }
}

/** Whoever pinned it would be locked out, and whoever did not would not notice. */
function leftUnsigned(file: string): AppstoreError {
  return new AppstoreError('USAGE', `the site is signed (${file}), and would not be any more`, {
    hint: 'Give `--sign-key FILE`. To stop signing, delete that file first.',
  });
}

function otherSigner(file: string, why: string): AppstoreError {
  return new AppstoreError('SIGNATURE_INVALID', `${file} cannot be gone on from: ${why}.`, {
    hint: 'Sign with the key of before. To begin anew with this one, delete that file; whoever pinned the other adds the catalog again.',
  });
}
