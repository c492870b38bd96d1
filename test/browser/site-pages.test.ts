import { cp, mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest';
import { buildSite } from '../../src/adapters/catalog/site/build.ts';
import type { AppMetadata } from '../../src/domain/app.ts';
import { rankApps } from '../../src/domain/search.ts';
import { type StaticSite, staticSite } from '../support/static-site.ts';
import { faultsOf, looks, openWindow, startChromium } from './chromium.ts';

/** A bound against hanging: a browser is many programs, each of which a busy machine may let wait. */
vi.setConfig({ testTimeout: 300_000, hookTimeout: 600_000 });

let browser: Browser;
let site: StaticSite;
let apps: readonly AppMetadata[];

beforeAll(async () => {
  const root = await mkdtemp(join(inject('sandbox').home, 'pages-'));
  for (const app of ['postgres', 'gitea', 'whoami'])
    await cp(new URL(`../../catalog/${app}`, import.meta.url), join(root, 'apps', app), { recursive: true });
  await writeFile(
    join(root, 'apps/catalog.yaml'),
    'apiVersion: appstore.dev/v1\nkind: Catalog\ntitle: Apps of the team\ndescription: For everybody\napps: {whoami: {deprecated: use gitea}}\n',
  );
  const built = await buildSite(
    { folder: join(root, 'apps'), out: join(root, 'site') },
    new AbortController().signal,
  );
  apps = built.index.apps.flatMap(({ versions }) => versions.map(({ metadata }) => metadata));
  site = await staticSite(join(root, 'site'));
  browser = await startChromium();
});

afterAll(async () => {
  await browser?.close();
  site?.close();
});

test.each(looks)('nobody is left out of the pages of a catalog: $name', async (look) => {
  const page = await openWindow(browser, look);
  for (const path of ['/index.html', '/apps/postgres.html', '/apps/whoami.html']) {
    await page.goto(`${site.url}${path}`);
    expect([path, await faultsOf(page)]).toEqual([path, []]);
  }
  await page.context().close();
});

/** What the page finds: titles, best first. */
async function foundBy(page: Page, text: string): Promise<readonly string[]> {
  await page.getByLabel('Search').fill(text);
  return page.locator('.app h2').allTextContents();
}

/** What any other catalog finds. */
function ranked(text: string): readonly string[] {
  return rankApps(apps, { text }).map(({ app }) => app.title);
}

test('the list is searched as somebody types, and says how many there are; without scripts it lists all', async () => {
  const page = await browser.newPage();
  await page.goto(`${site.url}/index.html`);
  // mistyped, as the terminal takes it, too
  for (const text of ['postgers', 'relational databse', 'git'])
    expect([text, await foundBy(page, text)]).toEqual([text, ranked(text)]);
  expect(await foundBy(page, 'postgers')).toEqual(['PostgreSQL']);
  expect(await page.getByRole('status').textContent()).toBe('1 app');
  await page.getByRole('link', { name: 'PostgreSQL' }).click();
  await expect.poll(() => page.title()).toBe('PostgreSQL - Apps of the team');
  const plain = await browser.newPage({ javaScriptEnabled: false });
  await plain.goto(`${site.url}/index.html`);
  expect(await plain.locator('.app h2').count()).toBe(3);
  expect(await plain.getByLabel('Search').isVisible()).toBe(false);
});
