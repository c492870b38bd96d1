import { utimes } from 'node:fs/promises';
import { expect, onTestFinished, test } from 'vitest';
import { indexFile } from '../../src/adapters/catalog/config/added.ts';
import { refreshCatalogs } from '../../src/server/refresh.ts';
import type { UpdateResult } from '../../src/services/catalogs.ts';
import { person } from '../support/catalog-person.ts';
import { createTestClock } from '../support/clock.ts';
import { webServer } from '../support/web-server.ts';

const hour = 60 * 60_000;
const minute = 60_000;

/** A repository that can be changed and taken away, a person who added it, and a server that reads it anew. */
async function refreshed(every = hour) {
  const shelf = { version: '1.0.0', away: false };
  const server = await webServer((request, response) => {
    const etag = `"${shelf.version}"`;
    if (shelf.away) response.writeHead(503).end();
    else if (!request.url?.endsWith('index.yaml')) response.writeHead(404).end();
    else if (request.headers['if-none-match'] === etag) response.writeHead(304).end();
    else
      response
        .writeHead(200, { etag })
        .end(`entries:\n  web:\n  - {name: web, version: "${shelf.version}", urls: [web.tgz]}\n`);
  });
  const { add, store, catalog, folders } = await person();
  await add(`${server.url}/charts`);
  // The store says by the clock of the machine when it has read.
  const clock = createTestClock(new Date());
  const results: UpdateResult[] = [];
  const mishaps: unknown[] = [];
  let asleep = false;
  const sleep = async (milliseconds: number, until?: AbortSignal) => {
    asleep = true;
    await clock.sleep(milliseconds, until).finally(() => {
      asleep = false;
    });
  };
  const stop = refreshCatalogs({
    ...{ every, clock: { ...clock, sleep }, random: { bytes: (count) => new Uint8Array(count).fill(255) } },
    store: async () => store,
    told: (result) => void results.push(result),
    failed: (error) => void mishaps.push(error),
  });
  onTestFinished(stop);
  /** Lets time pass, until it sleeps again; so much was told by then. */
  const until = async (told: number, milliseconds: number) => {
    const soon = { timeout: 60_000, interval: 10 };
    await expect.poll(() => asleep, soon).toBe(true);
    await clock.advance(milliseconds);
    await expect.poll(() => asleep, soon).toBe(true);
    expect(results.length).toBe(told);
  };
  const newest = async () => (await (await catalog()).versions('web')).map(({ version }) => version);
  return { shelf, server, clock, folders, results, mishaps, stop, until, newest };
}

test('a catalog is asked again after a while, and what is new is there without a restart', async () => {
  const { clock, shelf, server, results, mishaps, until, newest, stop } = await refreshed();
  // It was read just now; a tenth later than the hour, as the last byte has it.
  await until(0, hour);
  shelf.version = '2.0.0';
  await until(1, hour / 10 + 1);
  expect(results).toMatchObject([{ name: 'team', outcome: 'read', versions: 1 }]);
  expect(await newest()).toEqual(['2.0.0']);
  expect(mishaps).toEqual([]);
  const before = server.asked.length;
  await stop();
  await clock.advance(10 * hour);
  expect(server.asked.length).toBe(before);
});

test('what did not change is not sent again', async () => {
  const { server, results, until } = await refreshed();
  await until(1, 1.1 * hour + 1);
  expect(results).toMatchObject([{ outcome: 'unchanged' }]);
  expect(server.asked.at(-1)?.headers['if-none-match']).toBe('"1.0.0"');
});

test('one that cannot be read leaves what was there, and is asked again sooner', async () => {
  const { shelf, results, until, newest } = await refreshed();
  shelf.away = true;
  await until(1, 1.1 * hour + 1);
  expect(results).toMatchObject([{ outcome: 'failed', error: { code: 'CATALOG_UNREACHABLE' } }]);
  expect(await newest()).toEqual(['1.0.0']);
  Object.assign(shelf, { away: false, version: '2.0.0' });
  await until(2, 5.5 * minute);
  expect(await newest()).toEqual(['2.0.0']);
});

test('what somebody else has read meanwhile is not read again', async () => {
  const { clock, folders, server, until } = await refreshed();
  const before = server.asked.length;
  const later = new Date(clock.now().getTime() + hour);
  await utimes(indexFile(folders, 'team'), later, later);
  await until(0, 1.1 * hour + 1);
  expect(server.asked.length).toBe(before);
  await until(1, 1.1 * hour + 1);
});
