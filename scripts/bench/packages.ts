import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import type { JsonObject } from '../../src/domain/json.ts';
import { benchObjects } from './objects.ts';

/** Where the packages lie: the same objects for both tools, in two versions. */
export interface Packages {
  readonly app: readonly [string, string];
  readonly chart: readonly [string, string];
  /** A catalog of many apps, and the name of its first one. */
  readonly catalog: string;
}

const catalogSize = 100;

/**
 * Writes the packages, and the catalogs of as many apps for `search`: a folder for us, a cached repository index for Helm.
 *
 * @param payload kB of a further file in each package
 */
export async function writePackages(folder: string, home: string, payload: number): Promise<Packages> {
  const app = [join(folder, 'app-1'), join(folder, 'app-2')] as const;
  const chart = [join(folder, 'chart-1'), join(folder, 'chart-2')] as const;
  const catalog = join(folder, 'catalog');
  await Promise.all([
    ...([1, 2] as const).map((version) => writeApp(app[version - 1] ?? '', version)),
    ...([1, 2] as const).map((version) => writeChart(chart[version - 1] ?? '', version)),
    writeCatalog(catalog),
    writeHelmIndex(home),
    ...(payload === 0 ? [] : [...app, ...chart].map((each) => writePayload(each, payload))),
  ]);
  return { app, chart, catalog };
}

/** Text that is hardly smaller when packed, the same in every run. */
async function writePayload(folder: string, kilobytes: number): Promise<void> {
  let state = 1;
  const bytes = Buffer.from(
    Array.from({ length: kilobytes * 750 }, () => {
      state = (state * 48271) % 2147483647;
      return state % 256;
    }),
  );
  await write(join(folder, 'files', 'payload.txt'), bytes.toString('base64'));
}

/** A note is a value that nothing uses: changing it makes a revision and changes no object. */
const noteSchema = { type: 'string', default: 'first', title: 'A note' };

async function writeApp(folder: string, version: 1 | 2): Promise<void> {
  const app = {
    apiVersion: 'appstore.dev/v1',
    kind: 'App',
    metadata: appMetadata('bench', `1.${version}.0`, 'One hundred objects'),
    values: { type: 'object', properties: { note: noteSchema } },
    resources: benchObjects('${name}', version),
  };
  await write(join(folder, 'app.yaml'), stringify(app));
  await write(join(folder, 'README.md'), '# Bench\n');
  await write(join(folder, 'icon.svg'), icon);
}

const icon = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><rect width="1" height="1"/></svg>\n';

function appMetadata(name: string, version: string, summary: string): JsonObject {
  return {
    name,
    version,
    appVersion: '1.0',
    title: name,
    summary,
    description: `${summary}.`,
    category: 'development',
    keywords: ['bench'],
    license: 'Apache-2.0',
    home: 'https://example.com',
    sources: ['https://example.com/source'],
    icon: 'icon.svg',
  };
}

async function writeChart(folder: string, version: 1 | 2): Promise<void> {
  const chart = {
    apiVersion: 'v2',
    name: 'bench',
    version: `1.${version}.0`,
    appVersion: '1.0',
    description: 'One hundred objects',
  };
  await write(join(folder, 'Chart.yaml'), stringify(chart));
  await write(join(folder, 'values.yaml'), stringify({ note: 'first' }));
  const objects = benchObjects('{{ .Release.Name }}', version);
  const kinds = [...new Set(objects.map((object) => String(object.kind)))];
  for (const kind of kinds) {
    const documents = objects.filter((object) => object.kind === kind).map((object) => stringify(object));
    await write(join(folder, 'templates', `${kind.toLowerCase()}.yaml`), documents.join('---\n'));
  }
}

const summaryOf = (at: number): string =>
  at % 4 === 0 ? `Database number ${at} of the bench` : `Service number ${at} of the bench`;

async function writeCatalog(folder: string): Promise<void> {
  for (let at = 0; at < catalogSize; at++) {
    const name = `app-${at}`;
    const app = {
      apiVersion: 'appstore.dev/v1',
      kind: 'App',
      metadata: appMetadata(name, '1.0.0', summaryOf(at)),
      values: { type: 'object', properties: { note: noteSchema } },
      resources: benchObjects('${name}', 1).slice(0, 2),
    };
    await write(join(folder, name, 'app.yaml'), stringify(app));
    await write(join(folder, name, 'README.md'), `# ${name}\n`);
    await write(join(folder, name, 'icon.svg'), icon);
  }
}

/** A repository as `helm repo add` leaves it (https://helm.sh/docs/topics/chart_repository/). */
async function writeHelmIndex(home: string): Promise<void> {
  const entry = (at: number): JsonObject => ({
    apiVersion: 'v2',
    name: `app-${at}`,
    version: '1.0.0',
    appVersion: '1.0',
    description: summaryOf(at),
    keywords: ['bench'],
    home: 'https://example.com',
    sources: ['https://example.com/source'],
    created: '2026-01-01T00:00:00Z',
    digest: '0'.repeat(64),
    urls: [`https://example.com/app-${at}-1.0.0.tgz`],
  });
  const entries = Object.fromEntries(
    Array.from({ length: catalogSize }, (_, at) => [`app-${at}`, [entry(at)]]),
  );
  const index = { apiVersion: 'v1', generated: '2026-01-01T00:00:00Z', entries };
  const repositories = {
    apiVersion: '',
    generated: '2026-01-01T00:00:00Z',
    repositories: [{ name: 'bench', url: 'https://example.com' }],
  };
  await write(join(home, '.cache/helm/repository/bench-index.yaml'), stringify(index));
  await write(join(home, '.config/helm/repositories.yaml'), stringify(repositories));
}

async function write(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}
