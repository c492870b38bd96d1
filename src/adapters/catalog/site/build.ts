import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  archivePath,
  type CatalogIndex,
  type IndexedApp,
  type IndexedVersion,
  indexFileName,
  indexLines,
} from '../../../domain/catalog-index.ts';
import { AppstoreError, type Problem } from '../../../domain/errors.ts';
import { helmIndexFileName, helmIndexLines } from '../../../domain/helm-index.ts';
import { iconOf } from '../../../domain/icon.ts';
import { type ChangedVersion, markIndex, mergeIndex } from '../../../domain/merge-index.ts';
import { newestVersion } from '../../../domain/newest-version.ts';
import { packageError } from '../../../domain/package-problems.ts';
import { searchWords } from '../../../domain/search.ts';
import type { MadeCatalog, NamedVersion, SignatureRequest } from '../../../services/catalog-maker.ts';
import { packPackage } from '../archive/pack.ts';
import { unpackPackage } from '../archive/unpack.ts';
import { digestOf } from '../opened.ts';
import { reading } from '../reading.ts';
import { appPage } from './pages/app-page.ts';
import { siteCss, siteJs } from './pages/assets.ts';
import { listPages } from './pages/list-page.ts';
import { readPublished } from './published.ts';
import { siteSigner } from './signer.ts';
import { packageFolders, readCatalogFile, readSourcePackage } from './source.ts';
import { openStage, type Stage } from './stage.ts';

export interface BuildRequest {
  /** Its folders are the apps. */
  readonly folder: string;
  /** The site: made, or brought up to date. */
  readonly out: string;
  /** What was published, where it is not what the site has. */
  readonly published?: CatalogIndex;
  /** Signs the index. */
  readonly sign?: SignatureRequest;
  /** Folder where Sigstore's public root of trust is kept; signatures by keys need none. */
  readonly roots?: string;
}

export interface BuiltSite extends MadeCatalog {
  readonly index: CatalogIndex;
}

/**
 * Makes a static site of a folder of apps. Packages are held one at a time, so the memory does not grow with their number. The same
 * folder and the same published site give the same bytes.
 *
 * @throws AppstoreError as `CatalogMaker.build` says
 */
export async function buildSite(request: BuildRequest, signal: AbortSignal): Promise<BuiltSite> {
  const { folder, out } = request;
  const marks = await readCatalogFile(folder);
  const signer = await siteSigner(out, request.sign, request.roots);
  const published = request.published ?? (await readPublished(out));
  const stage = await openStage(out);
  try {
    const fresh = await packAll(folder, published, stage, signal);
    const { title, description, home } = marks;
    const merged = mergeIndex(published, { title, description, home, apps: fresh });
    if (merged.changed.length > 0) throw alreadyPublished(merged.changed);
    checkNames(folder, merged.index.apps);
    const marked = markIndex(merged.index, marks);
    if (marked.problems.length > 0) throw packageError(folder, marked.problems, 'CATALOG_INVALID');
    const { index, problems } = await writePages(
      marked.index,
      { out, stage, published: request.published },
      signal,
    );
    const signed = await signer?.sign(stage);
    signal.throwIfAborted();
    await stage.publish();
    const versions = index.apps.reduce((sum, app) => sum + app.versions.length, 0);
    const added = newIn(index, published);
    const made = { location: out, apps: index.apps.length, versions, added, problems, index };
    return signed === undefined ? made : { ...made, signed };
  } finally {
    await stage.discard();
  }
}

/** Packs what is not published yet. All packages that cannot be read are told at once. */
async function packAll(
  folder: string,
  published: CatalogIndex,
  stage: Stage,
  signal: AbortSignal,
): Promise<readonly IndexedApp[]> {
  const apps: IndexedApp[] = [];
  const failed: AppstoreError[] = [];
  for (const path of await packageFolders(folder)) {
    signal.throwIfAborted();
    try {
      const version = await packOne(path, published, stage, signal);
      apps.push({ name: version.metadata.name, versions: [version] });
    } catch (error) {
      if (!(error instanceof AppstoreError) || error.code === 'FILE_UNWRITABLE') throw error;
      failed.push(error);
    }
  }
  if (failed.length > 0) throw unusable(folder, failed);
  if (apps.length === 0) throw noApps(folder);
  return apps;
}

async function packOne(
  path: string,
  published: CatalogIndex,
  stage: Stage,
  signal: AbortSignal,
): Promise<IndexedVersion> {
  const { files, version } = await readSourcePackage(path, signal);
  const { name } = version.metadata;
  const known = published.apps
    .find((app) => app.name === name)
    ?.versions.find(({ metadata }) => metadata.version === version.metadata.version);
  if (known !== undefined) return { ...version, archiveDigest: known.archiveDigest, bytes: known.bytes };
  const archive = packPackage(name, files);
  await stage.write(archivePath(name, version.metadata.version), archive);
  return { ...version, archiveDigest: digestOf(archive), bytes: archive.length };
}

interface PageRequest {
  readonly out: string;
  readonly stage: Stage;
  /** Set where what was published lies elsewhere: then there is no archive to show more of. */
  readonly published: CatalogIndex | undefined;
}

async function writePages(index: CatalogIndex, request: PageRequest, signal: AbortSignal) {
  const { stage } = request;
  const problems: Problem[] = [];
  const apps: IndexedApp[] = [];
  for (const app of index.apps) {
    signal.throwIfAborted();
    const page = await writeAppPage(index, app, request);
    apps.push(page.app);
    problems.push(...page.problems);
  }
  const whole = { ...index, apps };
  for (const [path, text] of listPages(whole)) await stage.write(path, text);
  await stage.write('assets/site.css', siteCss);
  await stage.write('assets/site.js', siteJs);
  await stage.write('search.json', searchData(whole));
  const charts = [...helmIndexLines(whole)].join('');
  if (charts !== '') await stage.write(helmIndexFileName, charts);
  await stage.write(indexFileName, [...indexLines(whole)].join(''));
  return { index: whole, problems };
}

async function writeAppPage(index: CatalogIndex, app: IndexedApp, { out, stage, published }: PageRequest) {
  const { metadata, archiveDigest } = newestVersion(app.versions);
  const path = archivePath(app.name, metadata.version);
  const staged = await readFile(stage.at(path)).catch(() => undefined);
  if (staged === undefined && published !== undefined) return { app, problems: [] };
  const archive = staged ?? (await reading(join(out, path), () => readFile(join(out, path))));
  if (digestOf(archive) !== archiveDigest)
    throw new AppstoreError('DIGEST_MISMATCH', `${join(out, path)} is not the archive that was published.`, {
      hint: 'Get the site as it was published. Archives of versions that are out must never change.',
    });
  const files = await unpackPackage(archive, path);
  const icon = iconOf(metadata.icon, files);
  const whole =
    typeof icon === 'object' ? { ...app, icon: await writeIcon(app.name, icon, stage) } : withoutIcon(app);
  const readme = files.find((file) => /^readme(\.(md|txt))?$/i.test(file.path));
  await stage.write(
    `apps/${app.name}.html`,
    appPage(index, whole, readme === undefined ? '' : new TextDecoder().decode(readme.content)),
  );
  const at = `${app.name} ${metadata.version} ${metadata.icon}`;
  return {
    app: whole,
    problems: typeof icon === 'string' ? [{ at, message: `the icon is left out: ${icon}` }] : [],
  };
}

function withoutIcon({ icon: _, ...app }: IndexedApp): IndexedApp {
  return app;
}

async function writeIcon(
  name: string,
  { extension, content }: { readonly extension: string; readonly content: Uint8Array },
  stage: Stage,
): Promise<string> {
  // By its content: caches keep an icon for long, and a new one has a new address.
  const digest = createHash('sha256').update(content).digest('hex').slice(0, 12);
  const path = `icons/${name}.${digest}.${extension}`;
  await stage.write(path, content);
  return path;
}

/** What the page searches in: a list an app, one app a line. Of descriptions the words are enough, each once. */
function searchData({ apps }: CatalogIndex): string {
  const rows = apps.map((app) => {
    const { metadata } = newestVersion(app.versions);
    const { name, title, summary, category, keywords, version } = metadata;
    const words = [...new Set(searchWords(metadata.description))].join(' ');
    return JSON.stringify([name, title, summary, category, keywords, words, version, app.icon ?? '']);
  });
  return `[\n${rows.join(',\n')}\n]\n`;
}

function newIn(index: CatalogIndex, published: CatalogIndex): readonly NamedVersion[] {
  const key = (name: string, version: string) => `${name} ${version}`;
  const before = new Set(
    published.apps.flatMap((app) => app.versions.map(({ metadata }) => key(app.name, metadata.version))),
  );
  return index.apps.flatMap(({ name, versions }) =>
    versions
      .filter(({ metadata }) => !before.has(key(name, metadata.version)))
      .map(({ metadata: { version } }) => ({ name, version })),
  );
}

/** Names that differ only by case are one file on many systems. `appstore-index` is where a registry keeps the index. */
function checkNames(folder: string, apps: readonly IndexedApp[]): void {
  const seen = new Map<string, string>();
  for (const { name } of apps) {
    const other = seen.get(name.toLowerCase());
    if (other !== undefined)
      throw new AppstoreError(
        'CATALOG_INVALID',
        `${folder}: \`${other}\` and \`${name}\` differ only by case.`,
        {
          hint: 'Rename one of them.',
        },
      );
    if (name === 'appstore-index')
      throw new AppstoreError('CATALOG_INVALID', `${folder}: no app can be called \`${name}\`.`, {
        hint: 'In registries the index has this name. Rename the app.',
      });
    seen.set(name.toLowerCase(), name);
  }
}

/** A version that is out never changes: who has it must be able to tell by its number. */
export function alreadyPublished(changed: readonly ChangedVersion[]): AppstoreError {
  const problems = changed.map(({ name, version, published, now }) => ({
    at: `${name} ${version}`,
    message: `was published with the content ${published.slice(0, 19)}..., and is now ${now.slice(0, 19)}...`,
  }));
  const [first] = problems;
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  return new AppstoreError('VERSION_PUBLISHED', `${first?.at} ${first?.message}${more}`, { problems });
}

function unusable(folder: string, failed: readonly AppstoreError[]): AppstoreError {
  const [first] = failed;
  if (first !== undefined && failed.length === 1) return first;
  const problems = failed.flatMap((error) =>
    error.problems.length > 0 ? error.problems : [{ message: error.message, hint: error.hint }],
  );
  return new AppstoreError('CATALOG_INVALID', `${folder}: ${failed.length} apps cannot be published`, {
    problems,
  });
}

function noApps(folder: string): AppstoreError {
  return new AppstoreError('CATALOG_INVALID', `${folder} holds no apps.`, {
    hint: 'Each app is a folder in it, with an app.yaml or a Chart.yaml.',
  });
}
