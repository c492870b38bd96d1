import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { inTurn } from '../../../../src/adapters/catalog/oci/turns.ts';
import { sampleApp } from '../../../support/catalog-folder.ts';
import { seeded } from '../../../support/random.ts';
import { registryPublisher } from '../../../support/registry-publisher.ts';
import { byKey, catalogUser, day, start } from '../../../support/signed-site.ts';
import { ed25519Key } from '../../../support/signing-keys.ts';
import { writableRegistry } from '../../../support/writable-registry.ts';

const signal = new AbortController().signal;

/** One publisher with several pipelines, and a registry that answers in any order. */
async function pipelines(seed: number) {
  const random = seeded(seed);
  const registry = await writableRegistry(() => sleep(random(6)));
  const [{ location, push }, pair] = [await registryPublisher(registry.host), ed25519Key()];
  const sign = { ...byKey(pair), as: 'example.com/team', lasts: 30 * day, now: new Date(start) };
  return {
    tags: () => registry.tags('team/appstore-index'),
    async push(pipeline: string, files: Readonly<Record<string, string>>) {
      await sleep(random(40));
      return push(files, { sign, folder: pipeline });
    },
    async user() {
      const who = await catalogUser();
      const entry = { name: 'team', kind: 'oci', location, plainHttp: true } as const;
      await who.store.add({ ...entry, signedBy: { key: pair.publicPem } }, undefined, signal);
      return who;
    },
  };
}

describe('signed pushes at the same moment', () => {
  test.each(Array.from({ length: 12 }, (_, seed) => seed))(
    'lose no app, and are signed one after the other (seed %i)',
    async (seed) => {
      const { push, user, tags } = await pipelines(seed);
      const names = ['a', 'b', 'c'];
      const pushed = await Promise.all(
        names.map((name) => push(name, { [`${name}/app.yaml`]: sampleApp(name) })),
      );
      expect(pushed.map(({ signed }) => signed?.version).sort()).toEqual([1, 2, 3]);
      const who = await user();
      const hits = await (await who.catalog()).search({ text: '' });
      expect(hits.map(({ app }) => app.name)).toEqual(names);
      for (const name of names) expect((await who.pull(`team/${name}`))?.version).toBe('1.0.0');
      // one tag a turn that was had, however often it was tried for
      expect(tags().filter((tag) => tag.includes('-turn-')).length).toBeLessThanOrEqual(6);
    },
  );

  test.each(Array.from({ length: 12 }, (_, seed) => seed))(
    'of one version with other files: one is told, and what is listed is what is there (seed %i)',
    async (seed) => {
      const { push, user } = await pipelines(seed + 100);
      const pushed = await Promise.allSettled(
        ['x', 'y'].map((text) => push(text, { 'web/app.yaml': sampleApp('web'), 'web/README.md': text })),
      );
      const refused = pushed.filter((one) => one.status === 'rejected');
      expect(refused.map(({ reason }) => reason.code)).toEqual(['VERSION_PUBLISHED']);
      expect((await (await user()).pull())?.version).toBe('1.0.0');
    },
  );
});

describe('taking turns', () => {
  test('whoever was killed is in the way for a time, which is told', async () => {
    const registry = await writableRegistry();
    const http = { environment: {}, userAgent: 'test', credentials: async () => undefined };
    const place = {
      location: `oci://${registry.host}/team`,
      registry: { http, login: async () => undefined, plainHttp: true },
    };
    const at = (minutes: number) => ({
      now: () => new Date(start + minutes * 60_000),
      signal,
      tries: 2,
    });
    const stop = new AbortController();
    const { promise: working, resolve: begun } = Promise.withResolvers<void>();
    const killed = inTurn(place, { ...at(0), signal: stop.signal }, () => {
      begun();
      return new Promise<never>((_, failed) =>
        stop.signal.addEventListener('abort', () => failed(stop.signal.reason)),
      );
    });
    await working;
    await expect(inTurn(place, at(14), async () => 'mine')).rejects.toMatchObject({
      code: 'CATALOG_UNREACHABLE',
      message: expect.stringMatching(/somebody else is signing the index at .*v1-turn-20260101T000000-/),
      hint: expect.stringContaining('until 2026-01-01T00:15:00.000Z'),
    });
    expect(await inTurn(place, at(16), async () => 'mine')).toBe('mine');
    // Who is stopped, and not killed, gives the turn back.
    stop.abort(new Error('stopped'));
    await expect(killed).rejects.toThrow('stopped');
    expect(await inTurn(place, at(1), async () => 'mine')).toBe('mine');
  });
});
