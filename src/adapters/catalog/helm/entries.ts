import type { AppMetadata } from '../../../domain/app.ts';
import { appMetadataOf, readChartMetadata } from '../../../domain/chart-yaml.ts';
import { AppstoreError } from '../../../domain/errors.ts';
import { compareHelmVersions, parseHelmVersion } from '../../../domain/helm-version.ts';
import { parseHelmYaml, textOf, textsOf } from '../../../domain/helm-yaml.ts';
import { isObject, type JsonObject } from '../../../domain/json.ts';
import { CHART_NAME } from '../../../domain/reference.ts';
import type { IndexSection } from './sections.ts';

/** A version of an app as an index lists it. */
interface IndexVersion {
  readonly metadata: AppMetadata;
  /** `sha256:<hex>` of the archive; `''` where the index tells none. */
  readonly digest: string;
  /** `sha256:<hex>` of the files; absent where the index tells none. */
  readonly contentDigest?: string;
  readonly urls: readonly string[];
}

/** An app with its versions, newest first. */
export interface IndexEntry {
  readonly name: string;
  readonly versions: readonly IndexVersion[];
}

/** What of an index cannot be used, and why. */
export interface Skipped {
  readonly at: string;
  readonly why: string;
}

export interface ReadEntry {
  readonly entry?: IndexEntry;
  readonly skipped: readonly Skipped[];
}

/** More addresses of one version than this say nothing more. */
const mostUrls = 8;

/**
 * Reads a chart of an index. What is wrong with it hides no other chart, as in Helm: it is left out, and told.
 */
export function readSection(section: IndexSection): ReadEntry {
  const at = `line ${section.line}`;
  try {
    const [[name, versions] = ['', undefined]] = Object.entries(parseHelmYaml(section.text, 'index.yaml'));
    return readEntry(name, versions, at);
  } catch (error) {
    if (!(error instanceof AppstoreError)) throw error;
    return { skipped: [{ at, why: error.message.replace(/^index\.yaml(:\d+)*:? ?/, '') }] };
  }
}

/** The same of an index that was parsed as JSON. */
export function readEntry(name: string, versions: unknown, at: string = name): ReadEntry {
  if (!CHART_NAME.test(name))
    return { skipped: [{ at, why: `${JSON.stringify(name.slice(0, 80))} is no name of a chart` }] };
  if (!Array.isArray(versions)) return { skipped: [{ at: name, why: 'its versions are no list' }] };
  const skipped: Skipped[] = [];
  const found = new Map<string, IndexVersion>();
  for (const written of versions) {
    const read = readVersion(name, isObject(written) ? written : {});
    if (typeof read === 'string') skipped.push({ at: name, why: read });
    else if (found.has(read.metadata.version))
      skipped.push({ at: name, why: `version ${JSON.stringify(read.metadata.version)} is listed twice` });
    else found.set(read.metadata.version, read);
  }
  const sorted = [...found.values()].sort((a, b) =>
    compareHelmVersions(a.metadata.version, b.metadata.version),
  );
  return sorted.length === 0 ? { skipped } : { entry: { name, versions: sorted }, skipped };
}

function readVersion(name: string, written: JsonObject): IndexVersion | string {
  const chart = readChartMetadata(written);
  const version = JSON.stringify(chart.version.slice(0, 80));
  if (chart.name !== name) return `it lists a chart ${JSON.stringify(chart.name.slice(0, 80))} in its place`;
  if (parseHelmVersion(chart.version) === undefined) return `${version} is no semver version`;
  const urls = textsOf(written, 'urls').slice(0, mostUrls);
  if (urls.length === 0) return `version ${version} has no address`;
  const digest = textOf(written, 'digest').replace(/^sha256:/, '');
  if (digest !== '' && !/^[0-9a-f]{64}$/i.test(digest)) return `version ${version} has a digest that is none`;
  return {
    metadata: appMetadataOf(chart),
    digest: digest === '' ? '' : `sha256:${digest.toLowerCase()}`,
    urls,
  };
}
