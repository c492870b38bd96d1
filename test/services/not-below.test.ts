import { describe, expect, it } from 'vitest';
import type { AppMetadata } from '../../src/domain/app.ts';
import { chooseVersion } from '../../src/domain/versions.ts';
import type { Catalog } from '../../src/services/ports.ts';
import { type ChangeHarness, changeHarness } from '../support/change-harness.ts';
import { configMap } from '../support/fixture-app.ts';
import { createMemoryCluster } from '../support/memory/cluster.ts';

interface Offer {
  readonly version: string;
  readonly yanked?: string;
}

const app = (version: string) => ({
  version,
  objects: ({ values }: { values: object }) => [configMap('one-config', { from: JSON.stringify(values) })],
});

/** An installation at a version, and then a catalog that has others. */
async function installed(version: string): Promise<ChangeHarness> {
  const harness = changeHarness({
    cluster: createMemoryCluster({ simulate: true }),
    ...{ namespace: 'team', name: 'one', app: app(version) },
  });
  await harness.install({ createNamespace: true });
  return harness;
}

function offering(harness: ChangeHarness, ...offers: readonly Offer[]): ChangeHarness {
  for (const { version } of offers) harness.app = app(version);
  const [catalog] = harness.deps.catalogs as readonly [Catalog];
  const versions = async (name: string): Promise<AppMetadata[]> =>
    (await catalog.versions(name)).flatMap((one) => offers.map((offer) => ({ ...one, ...offer })));
  const offered: Catalog = {
    ...catalog,
    versions,
    resolve: async (reference) => {
      const resolved = await catalog.resolve(reference);
      if (resolved === undefined) return undefined;
      const { version } = chooseVersion(
        `test/${reference.name}`,
        await versions(reference.name),
        reference.range,
      );
      return { ...resolved, version, appVersion: version };
    },
  };
  (harness.deps as { catalogs: readonly Catalog[] }).catalogs = [offered];
  return harness;
}

const changed = { given: { values: { replicas: 2 }, secretRefs: [] } };

async function upgraded(harness: ChangeHarness): Promise<string> {
  const { plan } = await harness.upgradeBare(changed);
  return plan.app.version;
}

describe('an upgrade that names no version', () => {
  it.each<[string, string, Offer[], string]>([
    [
      'stays at a version that was taken back',
      '0.2.0',
      [{ version: '0.1.0' }, { version: '0.2.0', yanked: 'loses data' }],
      '0.2.0',
    ],
    [
      'stays at it where nothing else is left',
      '0.2.0',
      [{ version: '0.2.0', yanked: 'loses data' }],
      '0.2.0',
    ],
    ['stays at a prerelease', '2.0.0-rc.1', [{ version: '1.0.0' }, { version: '2.0.0-rc.1' }], '2.0.0-rc.1'],
    [
      'goes from a prerelease to a newer one',
      '2.0.0-rc.1',
      [{ version: '1.0.0' }, { version: '2.0.0-rc.1' }, { version: '2.0.0-rc.2' }],
      '2.0.0-rc.2',
    ],
    ['goes from a prerelease to the release', '2.0.0-rc.1', [{ version: '2.0.0' }], '2.0.0'],
    [
      'takes the newest that was not taken back',
      '0.1.0',
      [{ version: '0.1.0' }, { version: '0.1.5' }, { version: '0.2.0', yanked: 'loses data' }],
      '0.1.5',
    ],
  ])('%s', async (_, version, offers, expected) => {
    const harness = offering(await installed(version), ...offers);
    expect(await upgraded(harness)).toBe(expected);
  });

  it.each([
    ['without an app', {}],
    ['with the app', { app: { text: 'fixture', name: 'fixture' } }],
  ])('refuses to go below what is installed, %s, and says how to', async (_, named) => {
    const harness = offering(await installed('0.2.0'), { version: '0.0.9' });
    await expect(harness.upgradeBare({ ...changed, ...named })).rejects.toMatchObject({
      code: 'VERSION_NOT_FOUND',
      message: expect.stringMatching(
        /^one in namespace team runs 0\.2\.0, .* test\/fixture has is 0\.0\.9: /,
      ),
      hint: expect.stringContaining('`appstore upgrade one test/fixture --version 0.0.9 -n team`'),
    });
    expect((await harness.get('v1', 'ConfigMap', 'one-config'))?.data).toEqual({ from: '{}' });
  });

  it('goes down where the version is named', async () => {
    const harness = offering(await installed('0.2.0'), { version: '0.0.9' });
    const named = { app: { text: 'fixture@0.0.9', name: 'fixture', range: '0.0.9' } };
    const { plan } = await harness.upgradeBare({ ...changed, ...named });
    expect(plan.app.version).toBe('0.0.9');
  });

  it('says that the catalog is gone, and what helps', async () => {
    const harness = await installed('0.2.0');
    const [catalog] = harness.deps.catalogs as readonly [Catalog];
    (harness.deps as { catalogs: readonly Catalog[] }).catalogs = [{ ...catalog, name: 'builtin' }];
    await expect(harness.upgradeBare(changed)).rejects.toMatchObject({
      code: 'CATALOG_NOT_FOUND',
      message: 'one in namespace team came from the catalog `test`, which is not here. There is: builtin.',
      hint: expect.stringContaining('`appstore catalog add test LOCATION`'),
    });
  });
});
