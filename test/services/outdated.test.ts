import { beforeEach, describe, expect, it } from 'vitest';
import { LOCAL_CATALOG } from '../../src/domain/catalog-names.ts';
import { AppstoreError } from '../../src/domain/errors.ts';
import { outdated } from '../../src/services/outdated.ts';
import type { Catalog } from '../../src/services/ports.ts';
import { type ChangeHarness, changeHarness } from '../support/change-harness.ts';
import { configMap } from '../support/fixture-app.ts';
import { createMemoryCluster } from '../support/memory/cluster.ts';

const signal = new AbortController().signal;

describe('outdated (row 15)', () => {
  let harness: ChangeHarness;

  beforeEach(async () => {
    harness = changeHarness({
      cluster: createMemoryCluster({ simulate: true }),
      namespace: 'team',
      name: 'one',
      app: { version: '1.2.0', objects: () => [configMap('one-config', {})] },
    });
    await harness.install({ createNamespace: true });
  });

  const offered = (versions: readonly string[]) => {
    const [catalog] = harness.deps.catalogs as readonly [Catalog];
    const [metadata] = [catalog.versions('fixture')];
    const versionsOf: Catalog['versions'] = async () =>
      (await metadata).flatMap((one) =>
        versions.map((version) => ({ ...one, version, appVersion: `${version}-app` })),
      );
    return outdated({ ...harness.deps, catalogs: [{ ...catalog, versions: versionsOf }] }, {}, signal);
  };

  it('of a catalog that cannot be asked is not known, and stops nothing', async () => {
    const [catalog] = harness.deps.catalogs as readonly [Catalog];
    const versions: Catalog['versions'] = async () => {
      throw new AppstoreError('CATALOG_UNREACHABLE', 'no answer');
    };
    const report = await outdated({ ...harness.deps, catalogs: [{ ...catalog, versions }] }, {}, signal);
    expect(report).toMatchObject({ checked: 1, items: [], unknown: [{ reason: 'no answer' }] });
  });

  it.each([
    ['the same version', ['1.2.0'], undefined],
    ['an older one', ['1.1.0', '0.9.0'], undefined],
    ['newer ones', ['1.2.0', '1.10.0', '1.9.0'], '1.10.0'],
    ['a newer prerelease', ['1.2.0', '2.0.0-rc.1'], undefined],
  ])('of a catalog with %s', async (_, versions, latest) => {
    const { items } = await offered(versions);
    expect(items.map((one) => [one.installation.name, one.latest.version])).toEqual(
      latest === undefined ? [] : [['one', latest]],
    );
  });

  it('passes over what was taken back, as an upgrade does', async () => {
    const [catalog] = harness.deps.catalogs as readonly [Catalog];
    const versions: Catalog['versions'] = async (app) =>
      (await catalog.versions(app)).flatMap((one) => [
        { ...one, version: '1.4.0', yanked: 'loses data' },
        { ...one, version: '1.3.0' },
      ]);
    const { items } = await outdated({ ...harness.deps, catalogs: [{ ...catalog, versions }] }, {}, signal);
    expect(items.map((one) => one.latest.version)).toEqual(['1.3.0']);
  });

  it('says of what it cannot say why', async () => {
    expect(await offered([])).toMatchObject({
      items: [],
      unknown: [{ reason: 'catalog test does not have it' }],
    });
    const alone = await outdated({ ...harness.deps, catalogs: [] }, {}, signal);
    expect(alone).toMatchObject({ items: [], unknown: [{ reason: 'there is no catalog test here' }] });
  });

  it('of a folder is not known, because no catalog has versions of it', async () => {
    const [catalog] = harness.deps.catalogs as readonly [Catalog];
    const resolve: Catalog['resolve'] = async (reference) => {
      const found = await catalog.resolve(reference);
      return found && { ...found, catalog: LOCAL_CATALOG };
    };
    const local = { ...harness.deps, catalogs: [{ ...catalog, name: LOCAL_CATALOG, resolve }] };
    const cluster = createMemoryCluster({ simulate: true });
    const other = changeHarness({ cluster, namespace: 'team', name: 'one', app: harness.app });
    Object.assign(other.deps, { catalogs: local.catalogs });
    await other.install({ createNamespace: true });
    expect(await outdated(other.deps, {}, signal)).toMatchObject({
      items: [],
      unknown: [{ reason: 'it came from a folder or an archive, which no catalog has versions of' }],
    });
  });

  it('reads no Secret (row 25)', async () => {
    const cluster = createMemoryCluster({ simulate: true });
    const other = changeHarness({ ...harness, cluster, namespace: 'team', name: 'one', app: harness.app });
    await other.install({ createNamespace: true });
    const before = cluster.requests.length;
    await outdated(other.deps, {}, signal);
    expect(cluster.requests.slice(before).map(({ kind }) => kind)).toEqual(['ConfigMap']);
  });
});
