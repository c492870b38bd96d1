import { AppstoreError } from '../../../domain/errors.ts';
import { IndexRefused } from '../helm/sections.ts';
import { type FoundIndex, findIndex } from '../oci/index-artifact.ts';
import { readSignatures } from '../oci/signatures.ts';
import { type OciUpdateRequest, takeOciIndex } from '../oci/update.ts';
import { believe, notBelieved } from './believe.ts';
import { signersOf } from './pins.ts';
import type { SignedSource } from './update-signed.ts';

/** The index of a registry, with the signatures that are attached to it, as a source. */
export function signedRegistry(request: OciUpdateRequest, roots: string): SignedSource {
  const { entry, registry, now, signal } = request;
  let found: FoundIndex | undefined;
  return {
    entry,
    now,
    signal,
    async ask(pin) {
      // A pin that is none is told before anybody is asked.
      signersOf(pin);
      const file = entry.location;
      found = await find();
      if (found === undefined)
        throw unsigned(
          `there is no index of catalog \`${entry.name}\` at ${file}, and so none that is signed.`,
        );
      const text = await readSignatures(registry, entry.location, found.digest, signal);
      if (text === '')
        throw unsigned(`no signature is attached to the index of catalog \`${entry.name}\` at ${file}.`);
      const signed = await believe(text, pin, { roots, subject: 'appstore-index' });
      if (typeof signed === 'string') throw notBelieved(entry.name, signed, file);
      if (signed.digest === found.digest) return signed;
      throw notBelieved(
        entry.name,
        `it is over an index of the digest ${signed.digest}, and ${found.digest} is there`,
        file,
      );
    },
    async read() {
      if (found === undefined) throw new AppstoreError('INTERNAL', 'the signature was not asked for');
      return takeOciIndex(request, found);
    },
  };

  async function find(): Promise<FoundIndex | undefined> {
    try {
      return await findIndex(registry, entry.location, signal);
    } catch (error) {
      if (!(error instanceof IndexRefused)) throw error;
      throw new AppstoreError('CATALOG_INVALID', `the index of catalog \`${entry.name}\` ${error.message}.`, {
        place: { file: entry.location },
        hint: 'Ask who runs the catalog to push it anew.',
        cause: error,
      });
    }
  }

  function unsigned(message: string): AppstoreError {
    return new AppstoreError('CATALOG_UNSIGNED', message, { place: { file: entry.location } });
  }
}
