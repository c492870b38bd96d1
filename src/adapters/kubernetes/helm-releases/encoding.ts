import { promisify } from 'node:util';
import { constants, gunzip, gzip } from 'node:zlib';
import { AppstoreError } from '../../../domain/errors.ts';
import { helmReleaseLimits } from '../../../domain/helm-release.ts';
import { displayId, type KubeObject } from '../../../domain/objects.ts';

/** Type of the Secrets of the format that Helm 3 and 4 write. */
export const releaseSecretType = 'helm.sh/release.v1';

/**
 * The JSON in the object of a revision: base64 (twice in a Secret) of gzip (helm pkg/storage/driver/util.go). What has no gzip
 * header is JSON itself, as it was before Helm compressed.
 *
 * @throws AppstoreError HELM_RELEASE_INVALID, also where there is more in it than a release may have.
 */
export async function unpackRelease(object: KubeObject): Promise<string> {
  const where = whereOf(object);
  const stored: unknown = object.data?.release;
  if (typeof stored !== 'string' || stored === '') throw invalid(where, 'it holds no release');
  if (object.kind === 'Secret' && (object.type ?? releaseSecretType) !== releaseSecretType)
    throw invalid(where, `its type is ${String(object.type).slice(0, 80)}, not ${releaseSecretType}`);
  const text = object.kind === 'Secret' ? Buffer.from(stored, 'base64').toString('latin1') : stored;
  const bytes = Buffer.from(text, 'base64');
  if (!(bytes[0] === 0x1f && bytes[1] === 0x8b && bytes[2] === 0x08)) return bytes.toString('utf8');
  try {
    const unpacked = await promisify(gunzip)(bytes, { maxOutputLength: helmReleaseLimits.unpacked });
    return unpacked.toString('utf8');
  } catch (cause) {
    const large = cause instanceof RangeError;
    const what = large ? `it is larger than ${helmReleaseLimits.unpacked} bytes` : 'it cannot be unpacked';
    throw invalid(where, what, cause);
  }
}

/** The reverse of `unpackRelease`: the `data` of the object. */
export async function packRelease(kind: string, json: string): Promise<Record<string, string>> {
  const packed = await promisify(gzip)(Buffer.from(json, 'utf8'), { level: constants.Z_BEST_COMPRESSION });
  const text = packed.toString('base64');
  return { release: kind === 'Secret' ? Buffer.from(text, 'latin1').toString('base64') : text };
}

export function whereOf(object: Pick<KubeObject, 'kind' | 'metadata'>): string {
  const { kind, metadata } = object;
  return displayId({ kind, namespace: metadata.namespace ?? '', name: metadata.name });
}

function invalid(where: string, what: string, cause?: unknown): AppstoreError {
  return new AppstoreError('HELM_RELEASE_INVALID', `${where}: ${what}`, { cause });
}
