import { readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { allWellKnown, wellKnown } from '../../../src/adapters/kubernetes/well-known.ts';
import type { JsonObject } from '../../../src/domain/json.ts';
import { type Answer, connectTo, fakeApi, type Seen, status, testFolder, thrownBy } from './fake-api.ts';

const verbs = ['create', 'get', 'list'];

function group(name: string, versions: Record<string, readonly string[]>): JsonObject {
  return {
    metadata: { name },
    versions: Object.entries(versions).map(([version, kinds]) => ({
      version,
      resources: kinds.map((kind) => ({
        resource: `${kind.toLowerCase()}s`,
        responseKind: { group: name, version, kind },
        scope: 'Namespaced',
        verbs,
        subresources: [{ subresource: 'status' }],
      })),
    })),
  };
}

/** A server with aggregated discovery; `groups` may change while it runs. */
function aggregated(
  groups: () => JsonObject[],
  other: (request: Seen) => Answer = () => status(404, 'NotFound', 'x'),
) {
  return fakeApi((request) => {
    const list = { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2' };
    if (request.path === '/api') return { body: { ...list, items: [] } };
    if (request.path === '/apis') return { body: { ...list, items: groups() } };
    const named = groups().find((item) => request.path === `/apis/${(item.metadata as JsonObject).name}`);
    return named === undefined ? other(request) : { body: { kind: 'APIGroup' } };
  });
}

const widgets = () => [group('example.com', { v2: ['Widget'], v1: ['Widget', 'Old'] })];

describe('aggregated', () => {
  test('the preferred version where none is named, and any that is', async () => {
    const cluster = await connectTo(await aggregated(widgets));
    expect(await cluster.resourceType({ group: 'example.com', kind: 'Widget' })).toEqual({
      group: 'example.com',
      version: 'v2',
      kind: 'Widget',
      resource: 'widgets',
      namespaced: true,
      verbs,
      subresources: ['status'],
    });
    expect(await cluster.resourceType({ group: 'example.com', kind: 'Widget', version: 'v1' })).toMatchObject(
      {
        version: 'v1',
      },
    );
    expect(await cluster.resourceType({ group: 'example.com', kind: 'Old' })).toMatchObject({
      version: 'v1',
    });
    expect((await cluster.resourceTypes()).map((type) => `${type.version}/${type.kind}`)).toEqual([
      'v2/Widget',
      'v1/Old',
    ]);
  });

  test('two requests for many questions, none for kinds that every cluster has', async () => {
    const api = await aggregated(widgets);
    const cluster = await connectTo(api);
    expect(await cluster.resourceType({ group: 'apps', kind: 'Deployment' })).toMatchObject({
      version: 'v1',
    });
    expect(api.seen).toEqual([]);
    const kinds = ['Widget', 'Old', 'Nothing'];
    await Promise.all(kinds.map((kind) => cluster.resourceType({ group: 'example.com', kind })));
    expect(api.seen.map((request) => request.path).sort()).toEqual(['/api', '/apis']);
  });

  test('forgotten, it is asked again', async () => {
    let found = widgets();
    const cluster = await connectTo(await aggregated(() => found));
    expect(await cluster.resourceType({ group: 'new.example', kind: 'Thing' })).toBeUndefined();
    found = [group('new.example', { v1: ['Thing'] })];
    cluster.forgetDiscovery();
    expect(await cluster.resourceType({ group: 'new.example', kind: 'Thing' })).toMatchObject({
      resource: 'things',
    });
  });

  test('a kind that is not served is an error with kind and version', async () => {
    const cluster = await connectTo(await aggregated(widgets));
    const ref = { group: 'none.example', version: 'v1', kind: 'Thing', namespace: 'a', name: 'b' };
    expect(await thrownBy(cluster.get(ref))).toMatchObject({
      code: 'KIND_UNKNOWN',
      message: 'Thing: the cluster does not serve this kind in none.example/v1',
    });
  });
});

test('an old server: the groups one by one; one that is down hides no other', async () => {
  const answers: Record<string, Answer> = {
    '/api': { body: { kind: 'APIVersions', versions: ['v1'] } },
    '/apis': {
      body: {
        kind: 'APIGroupList',
        groups: [
          {
            name: 'example.com',
            preferredVersion: { groupVersion: 'example.com/v1' },
            versions: [{ groupVersion: 'example.com/v2beta1' }, { groupVersion: 'example.com/v1' }],
          },
          { name: 'down.example', versions: [{ groupVersion: 'down.example/v1' }] },
        ],
      },
    },
    '/api/v1': { body: { resources: [{ name: 'bindings', kind: 'Binding', namespaced: true, verbs }] } },
    '/apis/example.com/v1': {
      body: {
        resources: [
          { name: 'widgets', kind: 'Widget', namespaced: false, verbs },
          { name: 'widgets/scale', kind: 'Scale', namespaced: false, verbs },
        ],
      },
    },
    '/apis/example.com/v2beta1': {
      body: { resources: [{ name: 'widgets', kind: 'Widget', namespaced: false, verbs }] },
    },
  };
  const api = await fakeApi((request) => answers[request.path] ?? status(404, 'NotFound', 'no'));
  const cluster = await connectTo(api);
  expect(await cluster.resourceType({ group: 'example.com', kind: 'Widget' })).toMatchObject({
    version: 'v1',
    namespaced: false,
    subresources: ['scale'],
  });
  expect(
    await cluster.resourceType({ group: 'example.com', kind: 'Widget', version: 'v2beta1' }),
  ).toBeDefined();
  expect((await cluster.resourceTypes()).map((type) => type.kind)).toEqual(['Binding', 'Widget']);
});

describe('on disk', () => {
  const start = async () => {
    const cacheDir = await testFolder();
    const state = { groups: widgets() };
    const api = await aggregated(
      () => state.groups,
      (request) =>
        request.path.includes('/widgets/') ? { body: { metadata: { name: 'w' } } } : status(404, '', 'no'),
    );
    const open = () => connectTo(api, { options: { cacheDir } });
    await (await open()).resourceTypes();
    const [name = ''] = await readdir(join(cacheDir, 'discovery'));
    return { api, state, open, file: join(cacheDir, 'discovery', name) };
  };

  test('the next command asks for nothing', async () => {
    const { api, open } = await start();
    expect(await (await open()).resourceType({ group: 'example.com', kind: 'Widget' })).toBeDefined();
    expect(api.seen.length).toBe(2);
  });

  test('a kind that it does not know is looked for on the server', async () => {
    const { state, open } = await start();
    state.groups = [...widgets(), group('new.example', { v1: ['Thing'] })];
    expect(await (await open()).resourceType({ group: 'new.example', kind: 'Thing' })).toBeDefined();
  });

  test('a group that the server does not have either costs one small request', async () => {
    const { api, open } = await start();
    expect(
      await (await open()).resourceType({ group: 'metrics.k8s.io', kind: 'PodMetrics' }),
    ).toBeUndefined();
    expect(api.seen.slice(2).map((request) => request.path)).toEqual(['/apis/metrics.k8s.io']);
  });

  test('a path that is gone makes it ask anew', async () => {
    const { state, open } = await start();
    state.groups = [];
    const ref = { group: 'example.com', version: 'v1', kind: 'Old', namespace: 'a', name: 'b' };
    const cluster = await open();
    expect(await thrownBy(cluster.get(ref))).toMatchObject({
      code: 'KIND_UNKNOWN',
      message: 'Old: the cluster does not serve this kind in example.com/v1',
    });
  });

  test.each(['', '{', '[]', '{"format":0,"found":[]}'])(
    'a file that holds %j is passed over',
    async (text) => {
      const { api, open, file } = await start();
      await writeFile(file, text);
      expect(await (await open()).resourceType({ group: 'example.com', kind: 'Widget' })).toBeDefined();
      expect(api.seen.length).toBe(4);
    },
  );

  test('what is older than ten minutes is not believed', async () => {
    const { api, open, file } = await start();
    const held = JSON.parse(await readFile(file, 'utf8'));
    await writeFile(file, JSON.stringify({ ...held, savedAt: held.savedAt - 11 * 60_000 }));
    await utimes(file, 1, 1);
    await (await open()).resourceTypes();
    expect(api.seen.length).toBe(4);
  });

  test('a folder that cannot be written to costs nothing but the request', async () => {
    const api = await aggregated(widgets);
    const cluster = await connectTo(api, { options: { cacheDir: '/dev/null/x' } });
    expect((await cluster.resourceTypes()).length).toBe(2);
  });
});

test('the table of well-known kinds has each once', () => {
  const all = allWellKnown();
  expect(new Set(all.map((type) => `${type.group}/${type.kind}`)).size).toBe(all.length);
  expect(wellKnown({ group: '', kind: 'Pod' })?.subresources).toContain('portforward');
  expect(wellKnown({ group: 'apps', kind: 'Deployment', version: 'v1beta1' })).toBeUndefined();
});
