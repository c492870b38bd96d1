import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { buildSite } from '../../../../src/adapters/catalog/site/build.ts';
import { sampleApp, writeFiles } from '../../../support/catalog-folder.ts';
import { seeded } from '../../../support/random.ts';
import { temporaryFolder } from '../../../support/temporary.ts';

const signal = new AbortController().signal;
const build = pathToFileURL(join(import.meta.dirname, '../../../../src/adapters/catalog/site/build.ts')).href;

/** Builds in a process of its own, which says when it begins and is killed so many milliseconds later. True where it was not through. */
async function killedAfter(milliseconds: number, folder: string, out: string): Promise<boolean> {
  const script = `
    import { buildSite } from ${JSON.stringify(build)};
    console.log('begun');
    await buildSite(${JSON.stringify({ folder, out })}, new AbortController().signal);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<NodeJS.Signals | null>((done) => child.once('close', (_, by) => done(by)));
  await new Promise((begun) => child.stdout.once('data', begun));
  await sleep(milliseconds);
  child.kill('SIGKILL');
  return (await ended) === 'SIGKILL';
}

/** Versions that the index names, each with an archive of its digest; undefined where there is no site yet. */
async function versionsIn(out: string): Promise<number | undefined> {
  const text = await readFile(join(out, 'index.json'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  let count = 0;
  for (const { name, icon, versions } of JSON.parse(text).apps) {
    if (icon !== undefined) await readFile(join(out, icon));
    for (const { version, archive } of versions) {
      const bytes = await readFile(join(out, `packages/${name}/${name}-${version}.tgz`));
      expect(`sha256:${createHash('sha256').update(bytes).digest('hex')}`).toBe(archive);
      count += 1;
    }
  }
  return count;
}

test('a site is whole after a build that was killed anywhere, and the next build goes on', async () => {
  const root = await temporaryFolder();
  const [folder, out] = [join(root, 'apps'), join(root, 'site')];
  const next = seeded(6);
  const icon = '<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0h1"/></svg>';
  const names = Array.from({ length: 60 }, (_, index) => `app-${index}`);
  let killed = 0;
  let before = 0;
  for (let run = 0; run < 16; run += 1) {
    for (const name of names)
      await writeFiles(folder, {
        [`${name}/app.yaml`]: sampleApp(name, `1.${run}.0`, { icon: 'icon.svg' }),
        [`${name}/icon.svg`]: icon.replace('h1', `h${run}`),
      });
    if (await killedAfter(next(run % 2 === 0 ? 60 : 400), folder, out)) killed += 1;
    const now = (await versionsIn(out)) ?? 0;
    expect(now % names.length).toBe(0);
    expect(now).toBeGreaterThanOrEqual(before);
    before = now;
  }
  expect(killed).toBeGreaterThan(0);
  await buildSite({ folder, out }, signal);
  expect(await versionsIn(out)).toBeGreaterThan(before - 1);
  expect((await readdir(out)).filter((name) => name.startsWith('.'))).toEqual([]);
});
