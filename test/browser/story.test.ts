import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BuiltRun, cliJson, startBuilt } from '../support/cli.ts';
import { freshNamespace, kube, kubeAnswer } from '../support/sandbox.ts';
import { startChromium } from './chromium.ts';

/** Pictures of every page, for people to look at: `.cache/screenshots/`, which git does not see. */
const pictures = join(import.meta.dirname, '../../.cache/screenshots');

const desktop = { width: 1280, height: 900 };
const phone = { width: 360, height: 740 };

let server: BuiltRun;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let origin = '';
let namespace = '';
const name = `cache-${randomBytes(3).toString('hex')}`;
/** What must not happen on any page: errors of scripts, blocked or foreign requests. */
const mishaps: string[] = [];

beforeAll(async () => {
  await mkdir(pictures, { recursive: true });
  namespace = await freshNamespace();
  server = await startBuilt(['serve', '--port', '0', '-q']);
  const link = await server.printed(/http:\/\/127\.0\.0\.1:\d+\/login\?once=\S+/);
  origin = new URL(link).origin;
  browser = await startChromium();
  context = await browser.newContext({ viewport: desktop, locale: 'en-GB', reducedMotion: 'reduce' });
  page = await context.newPage();
  page.setDefaultTimeout(60_000);
  watch(page);
  await page.goto(link);
});

afterAll(async () => {
  await browser?.close();
  server?.kill('SIGTERM');
  await server?.done;
});

function watch(one: Page): void {
  one.on('pageerror', (error) => mishaps.push(`error: ${error.message}`));
  one.on('console', (message) => {
    // A refusal that is shown to the person is a line of the console, too.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      mishaps.push(`console: ${message.text()}`);
  });
  one.on('request', (request) => {
    if (new URL(request.url()).origin !== origin) mishaps.push(`foreign request: ${request.url()}`);
  });
}

/** A busy machine takes its time. */
const soon = { timeout: 60_000 };

const wide = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';

/** Each size and each colouring; both of both at pages that are come to most. */
const looks = [
  { size: 'desktop', viewport: desktop, colorScheme: 'light' },
  { size: 'phone', viewport: phone, colorScheme: 'dark' },
  { size: 'desktop', viewport: desktop, colorScheme: 'dark' },
  { size: 'phone', viewport: phone, colorScheme: 'light' },
] as const;

/**
 * A page as it is now, looked at: on a desktop and a phone, light and dark. Nothing runs over the edge, and axe finds nothing serious.
 */
async function look(picture: string, { one = page, language = 'en', all = false } = {}): Promise<void> {
  for (const { size, viewport, colorScheme } of all ? looks : looks.slice(0, 2)) {
    await one.setViewportSize(viewport);
    await one.emulateMedia({ colorScheme });
    expect(await one.evaluate<number>(wide), `${picture} is wider than a ${size}`).toBe(0);
    const path = join(pictures, `${picture}-${language}-${size}-${colorScheme}.png`);
    await one.screenshot({ path, fullPage: true });
    const { violations } = await new AxeBuilder({ page: one }).analyze();
    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    const told = serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join('\n')}`);
    expect(told, `${picture} ${size} ${colorScheme}`).toEqual([]);
  }
  await one.setViewportSize(desktop);
  await one.emulateMedia({ colorScheme: 'light' });
}

const button = (label: string | RegExp) => page.getByRole('button', { name: label });
const link = (label: string | RegExp) => page.getByRole('link', { name: label });
const heading = (label: string | RegExp) => page.getByRole('heading', { level: 1, name: label });
const deployed = () => `/apis/apps/v1/namespaces/${namespace}/statefulsets/${name}`;

describe('from search to removal', { timeout: 300_000 }, () => {
  test('search as you type, by keyboard, to the page of an app', async () => {
    await heading('Find an app').waitFor();
    await link(/^PostgreSQL/).waitFor();
    await look('browse', { all: true });
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to content');
    await page.getByRole('searchbox').focus();
    await page.keyboard.type('valk');
    await link(/^PostgreSQL/).waitFor({ state: 'hidden' });
    expect(
      await page
        .getByRole('listitem')
        .filter({ has: page.getByRole('heading') })
        .count(),
    ).toBe(1);
    expect(page.url()).toBe(`${origin}/?q=valk`);
    await look('search');
    await link('Valkey').focus();
    await page.keyboard.press('Enter');
    await heading('Valkey').waitFor();
    // A screen reader reads on from the heading of the new page.
    await expect.poll(() => page.evaluate('document.activeElement.textContent'), soon).toBe('Valkey');
    expect(await page.title()).toBe('Valkey · appstore');
    await look('app', { all: true });
  });

  test('a form that tells what is wrong as it is filled in', async () => {
    await link('Install').click();
    await heading('Install Valkey').waitFor();
    await page.getByLabel('Name', { exact: true }).fill('Not A Name');
    await page.getByText('Lower-case letters, digits and hyphens; a letter or digit').waitFor();
    await page.getByLabel('Name', { exact: true }).fill(name);
    await page.getByLabel('Space', { exact: true }).fill(namespace);
    const size = page.getByLabel('Disk size', { exact: true });
    await size.fill('8 Gig');
    await size.blur();
    await page.getByText('A size such as 8Gi, 500Mi, or 250m.').waitFor();
    await button('Choose my own').click();
    const password = page.getByLabel('Password', { exact: true });
    expect(await password.getAttribute('type')).toBe('password');
    await button('Let one be made').click();
    await button('Show what will happen').click();
    await page.getByText('1 answer needs your attention').waitFor();
    await expect.poll(() => page.evaluate('document.activeElement.id'), soon).toBe('value-storage_46_size');
    await look('form', { all: true });
    await size.fill('1Gi');
    await page.getByText('1 answer needs your attention').waitFor({ state: 'hidden' });
  });

  test('the plan in plain words, the technical one a click away, and nothing written yet', async () => {
    await button('Show what will happen').click();
    await page.getByText(/^Makes 1 program that runs/).waitFor();
    await page.getByText('Technical details').click();
    await page.getByText(`StatefulSet/${name}`).waitFor();
    await look('plan', { all: true });
    expect((await kubeAnswer('GET', deployed())).status).toBe(404);
  });

  test('progress with steps, to the end', async () => {
    await button('Install now').click();
    await page
      .getByRole('progressbar')
      .or(heading(`${name} is installed`))
      .first()
      .waitFor();
    await heading(`${name} is installed`).waitFor();
    await look('installed');
    await kube('GET', deployed());
    await button('Show passwords').click();
    await page.getByText('password', { exact: true }).waitFor();
  });

  test('my apps with their health, and all that is known of one', async () => {
    await link('My apps').click();
    await page.getByRole('listitem').filter({ hasText: name }).getByText('Works').waitFor();
    await look('mine');
    await link(name).click();
    await heading(name).waitFor();
    await look('deployment', { all: true });
    for (const tab of ['Settings', 'History', 'Activity']) {
      await page.getByRole('navigation', { name: 'About this app' }).getByRole('link', { name: tab }).click();
      await page
        .getByText(/What was set by you|in use|Events/)
        .first()
        .waitFor();
      await look(`deployment-${tab.toLowerCase()}`);
    }
  });

  test('what is changed by hand is found, and put right', async () => {
    await kube('DELETE', `/api/v1/namespaces/${namespace}/services/${name}`);
    await page.goto(`${origin}/mine/${namespace}/${name}`);
    await button('Check for changes by hand').click();
    await page.getByText('is gone').waitFor();
    await look('drift');
    await button('Put it right').click();
    await button('Repair now').click();
    await heading(`${name} is repaired`).waitFor();
    await kube('GET', `/api/v1/namespaces/${namespace}/services/${name}`);
  });

  test('an update says what changes before it does', async () => {
    await link('To the app').click();
    await link('Update or change').click();
    await heading(`Update or change ${name}`).waitFor();
    await look('upgrade');
    await page.getByLabel('Find a setting').fill('memory keys');
    await page.getByLabel('Memory for keys', { exact: true }).fill('200Mi');
    await button('Show what will happen').click();
    await page.getByText('Stays at version').waitFor();
    await page.getByText('Technical details').click();
    await look('upgrade-plan');
    await button('Update now').click();
    await heading(`${name} is up to date`).waitFor();
    const values = await cliJson(['get', name, 'values', '-n', namespace]);
    expect(values).toMatchObject({ values: { maxMemory: '200Mi', storage: { size: '1Gi' } } });
  });

  test('the way back', async () => {
    await link('To the app').click();
    await link('History').click();
    await link(/^Go back/).click();
    await heading(`Take ${name} back to revision 1`).waitFor();
    await page.getByText('Goes back to how it was at revision 1').waitFor();
    await look('rollback');
    await button('Go back now').click();
    await heading(`${name} is back`).waitFor();
    const history = (await cliJson(['history', name, '-n', namespace])) as { items: { target?: number }[] };
    expect(history.items[0]?.target).toBe(1);
  });

  test('a removal says what goes and what stays; data goes only by its name', async () => {
    await link('To the app').click();
    await link('Remove').click();
    await page.getByText(/^Goes for good/).waitFor();
    await page
      .getByText(/stays? as/)
      .first()
      .waitFor();
    await look('remove');
    await page.getByLabel('Delete its data too').check();
    await page.getByText(/^Its data is deleted for good/).waitFor();
    expect(await button('Remove now').isDisabled()).toBe(true);
    await page.getByLabel(`To delete the data, type ${name}`).fill(name);
    await look('remove-data');
    await button('Remove now').click();
    await heading(`${name} is removed`).waitFor();
    await look('removed');
    expect((await kubeAnswer('GET', deployed())).status).toBe(404);
    const claims = (await kube('GET', `/api/v1/namespaces/${namespace}/persistentvolumeclaims`)) as {
      items: unknown[];
    };
    expect(claims.items).toEqual([]);
    await link('To my apps').click();
    await heading('My apps').waitFor();
    await page
      .getByText(/Nothing is installed yet|changed/)
      .first()
      .waitFor();
    expect(await link(name).count()).toBe(0);
  });
});

describe('everywhere', { timeout: 300_000 }, () => {
  test('in Dutch, as the browser asks for it, on a phone in the dark', async () => {
    const storageState = await context.storageState();
    const dutch = await browser.newContext({
      storageState,
      viewport: phone,
      locale: 'nl-NL',
      colorScheme: 'dark',
    });
    const other = await dutch.newPage();
    other.setDefaultTimeout(60_000);
    watch(other);
    const title = (text: string) => other.getByRole('heading', { level: 1, name: text });
    await other.goto(`${origin}/`);
    await title('Vind een app').waitFor();
    expect(await other.evaluate('document.documentElement.lang')).toBe('nl');
    await look('browse', { one: other, language: 'nl' });
    await other.goto(`${origin}/apps/builtin/nextcloud/install`);
    await title('Nextcloud installeren').waitFor();
    await look('form', { one: other, language: 'nl' });
    await other.getByRole('button', { name: 'Toon wat er gaat gebeuren' }).click();
    await other.getByText(/^Maakt /).waitFor();
    await look('plan', { one: other, language: 'nl' });
    // What is chosen by hand holds from then on, here and when the page is opened again.
    await other.locator('details.menu summary').click();
    await other.getByLabel('Taal').selectOption('en');
    await other.getByLabel('Appearance').selectOption('dark');
    await title('Install Nextcloud').waitFor();
    await other.reload();
    await title('Install Nextcloud').waitFor();
    expect(await other.evaluate('document.documentElement.dataset.theme')).toBe('dark');
    await dutch.close();
  });

  test('what is not there, and what the server refuses, is told in words', async () => {
    await page.goto(`${origin}/mine/${namespace}/nothing`);
    await heading('There is no app of this name here').waitFor();
    await page.goto(`${origin}/nowhere`);
    expect(await page.evaluate('document.body.textContent')).toContain('ROUTE_NOT_FOUND');
    await page.goto(`${origin}/apps/builtin/nothing`);
    await heading('That did not work').waitFor();
    await page.getByRole('alert').getByText('APP_NOT_FOUND').waitFor();
    await look('refused');
  });

  test('signing out ends it, and says how to come in again', async () => {
    await page.goto(origin);
    await page.locator('details.menu summary').click();
    await button('Sign out').click();
    await heading('You are not signed in').waitFor();
    await look('signed-out');
  });

  test('nothing went wrong in any page, and nothing was asked of anybody else', () => {
    expect(mishaps).toEqual([]);
  });
});
