import { randomBytes } from 'node:crypto';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cliJson } from '../support/cli.ts';
import { freshNamespace, kube, kubeAnswer } from '../support/sandbox.ts';
import { desktop, lookAt, phone, soon } from './look.ts';
import { type OpenShop, openShop } from './open-shop.ts';

let shop: OpenShop;
let page: Page;
let namespace = '';
const name = `cache-${randomBytes(3).toString('hex')}`;

beforeAll(async () => {
  namespace = await freshNamespace();
  shop = await openShop();
  page = shop.page;
});

afterAll(async () => {
  await shop?.close();
});

const look = (picture: string, options = {}) => lookAt(page, picture, options);
const button = (label: string | RegExp) => page.getByRole('button', { name: label });
const link = (label: string | RegExp) => page.getByRole('link', { name: label });
const heading = (label: string | RegExp) => page.getByRole('heading', { level: 1, name: label });
const deployed = () => `/apis/apps/v1/namespaces/${namespace}/statefulsets/${name}`;

describe('from search to removal', { timeout: 300_000 }, () => {
  test('apps by their category', async () => {
    await heading('Find an app').waitFor();
    await link(/^Gitea/).waitFor();
    await look('browse', { all: true });
    await link(/^Databases/).click();
    await link(/^Gitea/).waitFor({ state: 'hidden' });
    await link(/^PostgreSQL/).waitFor();
    expect(page.url()).toBe(`${shop.origin}/?category=databases`);
    await link(/^All/).click();
    await link(/^Gitea/).waitFor();
  });

  test('back from an app the list is where it was left', async () => {
    const last = page
      .getByRole('listitem')
      .filter({ has: page.getByRole('heading') })
      .last();
    await page.setViewportSize(phone);
    await last.scrollIntoViewIfNeeded();
    const left = await page.evaluate<number>('scrollY');
    expect(left).toBeGreaterThan(500);
    await last.getByRole('link').click();
    await link('Install').waitFor();
    expect(await page.evaluate('scrollY')).toBe(0);
    await page.goBack();
    await last.waitFor();
    await expect.poll(() => page.evaluate('scrollY'), soon).toBe(left);
    await page.setViewportSize(desktop);
  });

  test('search as you type, by keyboard, to the page of an app', async () => {
    await page.reload();
    await link(/^PostgreSQL/).waitFor();
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
    expect(page.url()).toBe(`${shop.origin}/?q=valk`);
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
    await password.fill('kept-nowhere-at-all');
    // Enter in the search is not the way on; what is wrong is shown whatever is searched for.
    await page.getByLabel('Name', { exact: true }).fill('Not A Name');
    await page.getByLabel('Find a setting').fill('replicas');
    await page.getByLabel('Find a setting').press('Enter');
    await size.waitFor({ state: 'hidden' });
    await button('Show what will happen').click();
    await page.getByText('2 answers need your attention').waitFor();
    await page.getByText('A size such as 8Gi, 500Mi, or 250m.').waitFor();
    await expect.poll(() => page.evaluate('document.activeElement.id'), soon).toBe('place-name');
    await page.getByLabel('Name', { exact: true }).fill(name);
    // What was answered is here again when the page is loaded anew, without passwords.
    await page.reload();
    await page.getByText('Passwords are not kept: type those that you chose again.').waitFor();
    expect(await page.evaluate('JSON.stringify(sessionStorage)')).not.toContain('kept-nowhere-at-all');
    expect(await page.getByLabel('Space', { exact: true }).inputValue()).toBe(namespace);
    expect(await size.inputValue()).toBe('8 Gig');
    await look('form-again');
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
    await page.goBack();
    await heading('Install Valkey').waitFor();
    expect(await page.getByLabel('Disk size', { exact: true }).inputValue()).toBe('1Gi');
    await page.goForward();
    await page.getByText(/^Makes 1 program that runs/).waitFor();
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
    await page.goto(`${shop.origin}/mine/${namespace}/${name}`);
    await button('Check for changes by hand').click();
    await page.getByText('is gone').waitFor();
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Changes by hand');
    await page.getByText('Check for changes by hand on this page, and put it right.').waitFor();
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
    await page.getByText('Stored. It stays as it is.').waitFor();
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
    const storageState = await shop.context.storageState();
    const dutch = await shop.browser.newContext({
      storageState,
      viewport: phone,
      locale: 'nl-NL',
      colorScheme: 'dark',
      reducedMotion: 'reduce',
    });
    const other = shop.watch(await dutch.newPage());
    const title = (text: string) => other.getByRole('heading', { level: 1, name: text });
    await other.goto(`${shop.origin}/`);
    await title('Vind een app').waitFor();
    expect(await other.evaluate('document.documentElement.lang')).toBe('nl');
    await lookAt(other, 'browse', { language: 'nl' });
    await other.goto(`${shop.origin}/apps/builtin/nextcloud/install`);
    await title('Nextcloud installeren').waitFor();
    await lookAt(other, 'form', { language: 'nl' });
    await other.getByRole('button', { name: 'Toon wat er gaat gebeuren' }).click();
    await other.getByText(/^Maakt /).waitFor();
    await lookAt(other, 'plan', { language: 'nl' });
    // What the server says has a title in the language of the page.
    await other.goto(`${shop.origin}/apps/builtin/nothing`);
    await other.getByRole('alert').getByText('Deze app bestaat niet').waitFor();
    await lookAt(other, 'refused', { language: 'nl' });
    await other.goto(`${shop.origin}/apps/builtin/nextcloud/install`);
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
    await page.goto(`${shop.origin}/mine/${namespace}/nothing`);
    await heading('There is no app of this name here').waitFor();
    await page.goto(`${shop.origin}/nowhere`);
    await heading('There is no such page').waitFor();
    await page.goto(`${shop.origin}/operations/nothing`);
    await heading('Nothing is known of this work').waitFor();
    await link('To my apps').waitFor();
    await page.goto(`${shop.origin}/apps/builtin/nothing`);
    await heading('That did not work').waitFor();
    await page.getByRole('alert').getByText('APP_NOT_FOUND').waitFor();
    await look('refused');
  });

  test('an app with an address is opened in a page of its own, which learns nothing of this one', async () => {
    const address = 'http://hello.example.org/';
    const at = ['-n', namespace, '--set', 'ingress.enabled=true', '--set', 'ingress.host=hello.example.org'];
    await cliJson(['install', 'whoami', 'hello', ...at, '--no-wait']);
    await shop.context.route(`${address}**`, (route) =>
      route.fulfill({ contentType: 'text/html', body: '<h1>Hello</h1>' }),
    );
    await page.goto(`${shop.origin}/mine/${namespace}/hello`);
    const opened = shop.context.waitForEvent('page');
    await link(/^Open/).click();
    const other = await opened;
    await other.getByRole('heading', { name: 'Hello' }).waitFor();
    expect(other.url()).toBe(address);
    expect(await other.evaluate('document.referrer')).toBe('');
    expect(await other.evaluate('window.opener')).toBe(null);
    await other.close();
  });

  test('signing out ends it, and says how to come in again', async () => {
    await page.goto(shop.origin);
    await page.locator('details.menu summary').click();
    await button('Sign out').click();
    await heading('You are not signed in').waitFor();
    await look('signed-out');
    // The link of the server counts once; the page says where the next one is.
    const terminal = page.getByText('In the terminal where appstore runs there is a new link now');
    await terminal.waitFor();
    await page.goto(`${shop.origin}/login?once=used`);
    await terminal.waitFor();
    await page.goto(await shop.newLink());
    await heading('Find an app').waitFor();
  });

  test('nothing went wrong in any page, and nothing was asked of anybody else', () => {
    expect(shop.mishaps).toEqual([]);
  });
});
