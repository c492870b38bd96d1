import { createHash } from 'node:crypto';
import type { AppMetadata, Package, PackageFile } from '../../domain/app.ts';
import { appFile } from '../../domain/app-file.ts';
import { appMetadataOf, readChart } from '../../domain/chart-yaml.ts';
import { contentDigest } from '../../domain/content-digest.ts';
import { AppstoreError } from '../../domain/errors.ts';
import { parseMetadata } from '../../domain/metadata.ts';

export interface Origin {
  readonly catalog: string;
  /** For people: a path or address without credentials. */
  readonly source: string;
}

/** Files as a package, under the name and version that they give themselves. Throws YAML_INVALID, PACKAGE_INVALID. */
export function packageOf(files: readonly PackageFile[], { catalog, source }: Origin): Package {
  const { name, version, appVersion } = metadataOf(files, source);
  let digest: string | undefined;
  const resolved = {
    ...{ catalog, name, version, appVersion, source },
    /** Found out when it is first asked for: what is only shown needs none. */
    get contentDigest() {
      digest ??= contentDigest(files);
      return digest;
    },
  };
  return { files, resolved };
}

/** `sha256:<hex>` of bytes. */
export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

function metadataOf(files: readonly PackageFile[], source: string): AppMetadata {
  const app = files.find(({ path }) => path === appFile);
  if (app !== undefined)
    return parseMetadata(Buffer.from(app.content).toString('utf8'), `${source}/${appFile}`);
  const chart = readChart(files, source);
  if (chart !== undefined) return appMetadataOf(chart);
  throw new AppstoreError('PACKAGE_INVALID', `${source}: it holds neither ${appFile} nor Chart.yaml.`);
}
