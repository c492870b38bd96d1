import { glob, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundle } from '../../scripts/build.ts';
import { libraries } from '../../scripts/bundle/lazy-libraries.ts';
import { replacements } from '../../scripts/bundle/lean-client-node.ts';
import { ann, fakeSigstore } from '../support/sigstore.ts';
import { foundIn, loadedNames, newestOf, rewritten } from './bundle-probe.ts';

const root = join(import.meta.dirname, '../..');
let outdir = '';
let metafile: Metafile;

beforeAll(async () => {
  outdir = await mkdtemp(join(tmpdir(), 'appstore-bundle-'));
  metafile = await bundle(outdir, {
    connect: join(root, 'src/adapters/kubernetes/connect.ts'),
    probe: join(root, 'test/scripts/bundle-probe.ts'),
  });
});

/** The program as it is published, built once. */
let built: Promise<Metafile> | undefined;
function whole(): Promise<Metafile> {
  built ??= bundle(join(outdir, 'whole'));
  return built;
}

afterAll(() => rm(outdir, { recursive: true, force: true }));

/** Packages and files of client-node that went into the bundle. */
function inputs(): string[] {
  return Object.keys(metafile.inputs).map((path) => path.replace(/^.*node_modules\//, ''));
}

test('of client-node comes the reading of configuration, and nothing of what is replaced', () => {
  const clientNode = inputs().filter((path) => path.startsWith('@kubernetes/client-node/'));
  expect(clientNode).toContain('@kubernetes/client-node/dist/config.js');
  expect(clientNode.filter((path) => path.includes('/gen/'))).toEqual([]);
  const brought = Object.entries(metafile.inputs)
    .filter(([path]) => path.includes('@kubernetes/client-node/'))
    .flatMap(([, input]) => input.imports.map(({ path }) => path));
  // js-yaml: we read packages with it ourselves; client-node has none of it. socks: the library for keyless signatures has it.
  for (const name of ['undici', 'socks', 'socks-proxy-agent', 'hpagent', 'openid-client', 'js-yaml'])
    expect(brought.filter((path) => path.includes(`node_modules/${name}/`))).toEqual([]);
  // openid-client: the server logs people in with it.
  for (const name of ['undici', 'hpagent'])
    expect(inputs().filter((path) => path.startsWith(`${name}/`))).toEqual([]);
});

test('every replacement is for an import that is there', () => {
  const imports = Object.entries(metafile.inputs)
    .filter(([path]) => path.includes('@kubernetes/client-node/dist/'))
    .flatMap(([, input]) => input.imports.map((one) => one.original ?? one.path));
  for (const { module } of replacements) expect(imports.some((path) => module.test(path))).toBe(true);
});

test('it comes with the connection, and small', () => {
  const parts = Object.values(metafile.outputs)
    .flatMap((output) => Object.entries(output.inputs))
    .filter(([path]) => /node_modules\/(@kubernetes\/client-node|jsonpath-plus)\//.test(path));
  expect(parts.length).toBeGreaterThan(0);
  expect(parts.reduce((sum, [, { bytesInOutput }]) => sum + bytesInOutput, 0)).toBeLessThan(100_000);
});

test('what checks and makes keyless signatures is loaded for those alone, each by itself', async () => {
  const { outputs } = await bundle(join(outdir, 'keyless'));
  const having = (name: RegExp) =>
    Object.entries(outputs).filter(([, { inputs: used }]) =>
      Object.keys(used).some((path) => name.test(path)),
    );
  const parts = having(/node_modules\/(@sigstore|tuf-js|@tufjs|make-fetch-happen|cacache)\//).map(
    ([path]) => path,
  );
  expect(parts.length).toBeGreaterThan(0);
  for (const path of parts)
    expect(path).toMatch(/\/(keyless-sign|keyless-verify|public-root|chunk)-[A-Z0-9]+\.js$/);
  // Nothing that any other command loads has a part of it.
  const own = having(/src\/(cli|services|adapters\/kubernetes)\//).map(([path]) => path);
  expect(own.filter((path) => parts.includes(path))).toEqual([]);
});

test('keyless signatures are made and checked by what was bundled', async () => {
  const folder = join(root, 'src/adapters/catalog/trust');
  await bundle(join(outdir, 'sigstore'), {
    sign: join(folder, 'keyless-sign.ts'),
    verify: join(folder, 'keyless-verify.ts'),
    root: join(folder, 'public-root.ts'),
  });
  const [{ signKeyless }, { verifyKeyless }, { publicRoot }] = await Promise.all(
    ['sign', 'verify', 'root'].map((name) => import(join(outdir, `sigstore/${name}.js`))),
  );
  const { request, trustedRoot } = await fakeSigstore();
  const statement = {
    catalog: 'example.com/team',
    version: 1,
    issued: '2026-01-01T00:00:00Z',
    expires: '2026-02-01T00:00:00Z',
    digest: `sha256:${'0'.repeat(64)}`,
  };
  const text = await signKeyless(statement, request(ann, { timestamp: true }));
  expect(verifyKeyless(text, trustedRoot, 'index.json')).toEqual({
    ...statement,
    signer: ann.identity,
    issuer: ann.issuer,
  });
  await expect(publicRoot('http://127.0.0.1:9', join(outdir, 'roots'))).rejects.toThrow(/127\.0\.0\.1:9/);
});

test("no part imports Node's http as an ES module: that loads its WebSocket with it", async () => {
  for (const file of Object.keys(metafile.outputs).filter((path) => path.endsWith('.js'))) {
    expect(await readFile(join(root, file), 'utf8')).not.toMatch(/from\s*["'](node:)?http["']/);
  }
});

test('what is loaded lazily comes in few files', async () => {
  const { outputs } = await whole();
  const files = Object.keys(outputs).filter((path) => path.endsWith('.js'));
  expect(files.length).toBeLessThan(65);
  const small = Object.entries(outputs).filter(
    ([path, { bytes }]) => /\/chunk-[A-Z0-9]+\.js$/.test(path) && bytes < 4000,
  );
  expect(small.length).toBeLessThan(4);
});

/** The files that are read with one, itself among them. */
function readWith(
  outputs: Metafile['outputs'],
  name: string,
  found = new Set<string>(),
): ReadonlySet<string> {
  if (found.has(name)) return found;
  found.add(name);
  for (const { path, kind } of outputs[name]?.imports ?? [])
    if (kind === 'import-statement' && path in outputs) readWith(outputs, path, found);
  return found;
}

test.each([
  ['main', 3, 160_000],
  ['local', 7, 600_000],
  ['look', 6, 680_000],
  ['change', 8, 980_000],
])('with %s come few files and bytes', async (shelf, files, bytes) => {
  const { outputs } = await whole();
  const name = Object.keys(outputs).find((path) => new RegExp(`/${shelf}(-[A-Z0-9]{8})?\\.js$`).test(path));
  const read = [...readWith(outputs, name ?? '')];
  expect(read.length).toBeGreaterThan(1);
  expect(read.length).toBeLessThanOrEqual(files);
  expect(read.reduce((sum, path) => sum + (outputs[path]?.bytes ?? 0), 0)).toBeLessThan(bytes);
});

test('what looks at an installation, or changes one, comes without what asks catalogs on other machines', async () => {
  const { outputs } = await whole();
  const name = Object.keys(outputs).find((path) => /\/change-[A-Z0-9]{8}\.js$/.test(path)) ?? '';
  const inputs = [...readWith(outputs, name)].flatMap((path) => Object.keys(outputs[path]?.inputs ?? {}));
  expect(inputs).toContain('src/adapters/kubernetes/connect.ts');
  expect(
    inputs.filter((path) => /^src\/adapters\/catalog\/(git|helm|http|oci|site|trust)\//.test(path)),
  ).toEqual([]);
});

test('what serves HTTP is in one file that nothing but `serve` loads', async () => {
  const { outputs } = await whole();
  const holders = Object.entries(outputs).filter(([, { inputs: used }]) =>
    Object.keys(used).some((path) => /node_modules\/(fastify|@fastify|pino|prom-client|ajv)\//.test(path)),
  );
  expect(holders.map(([path]) => path.replace(/^.*\/|-[A-Z0-9]+\.js$/g, ''))).toEqual(['context']);
  const name = holders[0]?.[0];
  const loaders = Object.values(outputs).flatMap(({ imports }) =>
    imports.filter(({ path }) => path === name),
  );
  expect(loaders.map(({ kind }) => kind)).toEqual(loaders.map(() => 'dynamic-import'));
});

test('nothing of the storefront comes with the program', async () => {
  const { outputs } = await whole();
  const inputs = Object.values(outputs).flatMap((output) => Object.keys(output.inputs));
  expect(inputs.filter((path) => /(^|\/)src\/storefront\//.test(path))).toEqual([]);
});

test('every name that is imported of a library in parts is one of them', async () => {
  for (const [library, files] of Object.entries(libraries).filter(([, parts]) => parts !== 'whole'))
    for await (const file of glob('src/!(storefront)/**/*.ts', { cwd: root })) {
      const source = await readFile(join(root, file), 'utf8');
      const [, list = ''] = new RegExp(`import \\{([^}]*)\\} from '${library}'`).exec(source) ?? [];
      const names = list.split(',').map((name) => name.trim());
      const values = names.filter((name) => name !== '' && !name.startsWith('type '));
      expect(Object.keys(files)).toEqual(expect.arrayContaining(values));
    }
});

test('what is loaded by import() has the same names as from the sources', async () => {
  const bundled = await import(join(outdir, 'probe.js'));
  expect(await bundled.loadedNames()).toEqual(Array(4).fill('function'));
  expect(await loadedNames()).toEqual(Array(4).fill('function'));
});

test('libraries that are used lazily answer as from the sources; the engine for patterns of others is a file of its own', async () => {
  expect(Object.keys(metafile.inputs).filter((path) => path.includes('node_modules/re2js/'))).toEqual([]);
  const bundled = await import(join(outdir, 'probe.js'));
  for (const probe of [bundled, { foundIn, newestOf, rewritten }]) {
    expect(probe.foundIn('^(a+)+$', `${'a'.repeat(30)}b`)).toBe(false);
    expect(probe.foundIn('(ab|cd)+', 'xcdx')).toBe(true);
    expect(probe.foundIn('(?<=a)b', 'ab')).toMatch(/invalid|error|look/i);
    expect(probe.rewritten('a: 0x10\nb: no\n')).toBe("a: 16\nb: 'no'\n");
    expect(probe.newestOf(['1.2', 'v1.10.0', '1.9.0-rc.1'])).toBe('v1.10.0');
  }
});
