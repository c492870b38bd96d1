import type { AppMetadata, Maintainer } from './app.ts';
import { type IndexedApp, type IndexedVersion, type IndexHead, indexKind } from './catalog-index.ts';
import { compareHelmVersions, parseHelmVersion } from './helm-version.ts';
import { isObject, type Json, type JsonObject } from './json.ts';
import { CHART_NAME } from './reference.ts';

/** The first line of an index. Answers what is wrong where it is none. */
export function readIndexHead(line: string): IndexHead | string {
  if (!line.endsWith('"apps":[')) return 'does not begin with the head of an index on one line';
  const head = parseObject(`${line}]}`);
  if (head === undefined || head.kind !== indexKind.kind) return `holds no ${indexKind.kind}`;
  if (head.apiVersion !== indexKind.apiVersion)
    return `is of the version ${JSON.stringify(head.apiVersion)}, which this program does not know`;
  return { title: text(head, 'title'), description: text(head, 'description'), home: text(head, 'home') };
}

/** True for the line that ends an index. */
export function endsIndex(line: string): boolean {
  return line === ']}';
}

/** What a line of an index has, and what of it cannot be used. */
export interface ReadApp {
  readonly app?: IndexedApp;
  readonly skipped: readonly { readonly at: string; readonly why: string }[];
}

/** Reads the line of one app. What is wrong with it hides no other app: it is left out, and told. */
export function readIndexApp(line: string, number: number): ReadApp {
  const written = parseObject(line.endsWith(',') ? line.slice(0, -1) : line);
  if (written === undefined) return { skipped: [{ at: `line ${number}`, why: 'it is no JSON' }] };
  const name = text(written, 'name');
  if (!CHART_NAME.test(name))
    return {
      skipped: [{ at: `line ${number}`, why: `${JSON.stringify(name.slice(0, 80))} is no name of an app` }],
    };
  const texts = listOf(written.texts).filter(isObject);
  const shared = { name, ...(typeof written.deprecated === 'string' ? { deprecated: true } : {}) };
  const all = listOf(written.versions)
    .filter(isObject)
    .map((version) => readVersion({ ...shared, reason: text(written, 'deprecated') }, version, texts));
  const versions = all.filter((version) => typeof version !== 'string');
  const skipped = all.filter((version) => typeof version === 'string').map((why) => ({ at: name, why }));
  if (versions.length === 0) return { skipped: [...skipped, { at: name, why: 'it has no versions' }] };
  const icon = text(written, 'icon');
  return {
    app: {
      name,
      ...(/^icons\/[A-Za-z0-9._-]+$/.test(icon) ? { icon } : {}),
      versions: versions.sort((a, b) => compareHelmVersions(a.metadata.version, b.metadata.version)),
    },
    skipped,
  };
}

const digestForm = /^sha256:[0-9a-f]{64}$/;

interface Shared {
  readonly name: string;
  readonly deprecated?: boolean;
  readonly reason: string;
}

function readVersion(
  { name, deprecated, reason }: Shared,
  written: JsonObject,
  texts: readonly JsonObject[],
): IndexedVersion | string {
  const version = text(written, 'version');
  const shown = JSON.stringify(version.slice(0, 80));
  if (parseHelmVersion(version) === undefined) return `${shown} is no semver version`;
  const [contentDigest, archiveDigest] = [text(written, 'content'), text(written, 'archive')];
  if (!digestForm.test(contentDigest) || !digestForm.test(archiveDigest))
    return `version ${shown} has no digests`;
  const { bytes } = written;
  if (typeof bytes !== 'number' || !Number.isSafeInteger(bytes) || bytes < 0)
    return `version ${shown} has no size`;
  const shared = texts[typeof written.text === 'number' ? written.text : -1] ?? {};
  const yanked = text(written, 'yanked');
  return {
    metadata: {
      ...readTexts(name, shared),
      version,
      appVersion: text(written, 'appVersion'),
      ...(deprecated === true || shared.deprecated === true ? { deprecated: true } : {}),
      ...(reason === '' ? {} : { deprecation: reason }),
      ...(yanked === '' ? {} : { yanked }),
    },
    format: written.format === 'chart' ? 'chart' : 'app',
    contentDigest,
    archiveDigest,
    bytes,
  };
}

function readTexts(name: string, written: JsonObject): Omit<AppMetadata, 'version' | 'appVersion'> {
  const maintainers = listOf(written.maintainers).filter(isObject).map(maintainerOf);
  const title = text(written, 'title');
  return {
    name,
    title: title === '' ? name : title,
    summary: text(written, 'summary'),
    description: text(written, 'description'),
    category: text(written, 'category'),
    license: text(written, 'license'),
    home: text(written, 'home'),
    icon: text(written, 'icon'),
    keywords: textsOf(written, 'keywords'),
    sources: textsOf(written, 'sources'),
    maintainers,
  };
}

function maintainerOf(written: JsonObject): Maintainer {
  const [email, url] = [text(written, 'email'), text(written, 'url')];
  return {
    name: text(written, 'name'),
    ...(email === '' ? {} : { email }),
    ...(url === '' ? {} : { url }),
  };
}

function parseObject(line: string): JsonObject | undefined {
  try {
    const value: Json = JSON.parse(line);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

function textsOf(of: JsonObject, name: string): readonly string[] {
  return listOf(of[name]).filter((item) => typeof item === 'string');
}

function text(of: JsonObject, name: string): string {
  const value = Object.hasOwn(of, name) ? of[name] : undefined;
  return typeof value === 'string' ? value : '';
}
