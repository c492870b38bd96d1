import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { publishIndex, readPushed } from '../../../../src/adapters/catalog/oci/publish-index.ts';
import type { AppMetadata } from '../../../../src/domain/app.ts';
import type { CatalogIndex } from '../../../../src/domain/catalog-index.ts';
import { seeded } from '../../../support/random.ts';
import { writableRegistry } from '../../../support/writable-registry.ts';

const signal = new AbortController().signal;
const now = new Date('2026-06-01T12:00:00Z');

function placeAt(host: string) {
  const http = { environment: {}, userAgent: 'test', credentials: async () => undefined };
  return {
    location: `oci://${host}/team`,
    registry: { http, login: async () => undefined, plainHttp: true },
  };
}

/** An index as one push has it. */
function indexOf(apps: Readonly<Record<string, Readonly<Record<string, string>>>>): CatalogIndex {
  const digest = (text: string) => `sha256:${Buffer.from(text).toString('hex').padEnd(64, '0').slice(0, 64)}`;
  return {
    title: '',
    description: '',
    home: '',
    apps: Object.entries(apps).map(([name, versions]) => ({
      name,
      versions: Object.entries(versions).map(([version, content]) => ({
        metadata: {
          name,
          version,
          appVersion: '1',
          title: name,
          summary: 'x',
          description: '',
          category: '',
          license: '',
          home: '',
          icon: '',
          keywords: [],
          sources: [],
          maintainers: [],
        } satisfies AppMetadata,
        format: 'app' as const,
        contentDigest: digest(content),
        archiveDigest: digest(`archive of ${content}`),
        bytes: 10,
      })),
    })),
  };
}

const versionsIn = ({ apps }: CatalogIndex) =>
  apps.flatMap(({ name, versions }) => versions.map(({ metadata }) => `${name} ${metadata.version}`)).sort();

describe('the index that many push to', () => {
  test.each(Array.from({ length: 40 }, (_, seed) => seed))(
    'has what each of them brought, in whatever order the registry answers (seed %i)',
    async (seed) => {
      const random = seeded(seed);
      const registry = await writableRegistry(() => sleep(random(6)));
      const place = placeAt(registry.host);
      const pushes = ['a', 'b', 'c', 'd', 'e'].map((name) => indexOf({ [name]: { '1.0.0': name } }));
      await Promise.all(
        pushes.map(async (own) => {
          await sleep(random(20));
          await publishIndex(place, own, { now, signal });
        }),
      );
      const { index } = await readPushed(place, signal);
      expect(versionsIn(index)).toEqual(['a 1.0.0', 'b 1.0.0', 'c 1.0.0', 'd 1.0.0', 'e 1.0.0']);
    },
  );

  test.each(Array.from({ length: 20 }, (_, seed) => seed))(
    'of one version with other files has that of one of them, the same for all who look (seed %i)',
    async (seed) => {
      const random = seeded(seed + 1_000);
      const registry = await writableRegistry(() => sleep(random(6)));
      const place = placeAt(registry.host);
      const pushes = ['x', 'y', 'z'].map((content) => indexOf({ web: { '1.0.0': content } }));
      const seen = await Promise.all(pushes.map((own) => publishIndex(place, own, { now, signal })));
      const { index } = await readPushed(place, signal);
      const digest = ({ apps }: CatalogIndex) => apps[0]?.versions[0]?.contentDigest;
      const mine = pushes.filter((own) => digest(own) === digest(index));
      expect(mine).toHaveLength(1);
      // nobody was told that theirs counts, and then it did not
      for (const [at, one] of seen.entries())
        if (digest(one) === digest(pushes[at] as CatalogIndex)) expect(pushes[at]).toBe(mine[0]);
    },
  );

  test('a mark that is taken back and set again within a second counts', async () => {
    const registry = await writableRegistry();
    const place = placeAt(registry.host);
    const plain = indexOf({ web: { '1.0.0': 'x' } });
    const [app] = plain.apps;
    const marked = {
      ...plain,
      apps: [
        {
          name: 'web',
          versions: (app?.versions ?? []).map((one) => ({
            ...one,
            metadata: { ...one.metadata, yanked: 'bad' },
          })),
        },
      ],
    };
    for (const index of [plain, marked, plain, marked]) await publishIndex(place, index, { now, signal });
    const { index } = await readPushed(place, signal);
    expect(index.apps[0]?.versions[0]?.metadata.yanked).toBe('bad');
  });

  test('is not written where a push has no news, and pushes of other days are not asked for again', async () => {
    const registry = await writableRegistry();
    const place = placeAt(registry.host);
    const own = indexOf({ web: { '1.0.0': 'x' } });
    await publishIndex(place, own, { now, signal });
    const before = registry.tags('team/appstore-index');
    await publishIndex(place, own, { now, signal });
    expect(registry.tags('team/appstore-index')).toEqual(before);
    const later = new Date(now.getTime() + 25 * 60 * 60 * 1000);
    await publishIndex(place, indexOf({ lamp: { '1.0.0': 'y' } }), { now: later, signal });
    const { index, pushes } = await readPushed(place, signal);
    expect(versionsIn(index)).toEqual(['lamp 1.0.0', 'web 1.0.0']);
    expect(pushes).toEqual([expect.stringMatching(/^v1-push-20260602T130000-[0-9a-f]{32}$/)]);
  });
});
