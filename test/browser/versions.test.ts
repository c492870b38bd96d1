import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { stringify } from 'yaml';
import { writeFiles } from '../support/catalog-folder.ts';
import { cli, cliJson } from '../support/cli.ts';
import { freshNamespace, kube, kubeAnswer } from '../support/sandbox.ts';
import { type StaticSite, staticSite } from '../support/static-site.ts';
import { lookAt } from './look.ts';
import { type OpenShop, openShop } from './open-shop.ts';

let site: StaticSite;

let shop: OpenShop;
let page: Page;
let namespace = '';

/** An app of two versions: the second has another image, one more question, an address, and one file less. */
function guestbook(version: '1.0.0' | '2.0.0'): string {
  const later = version === '2.0.0';
  const labels = { app: '${name}' };
  const containers = [{ name: 'web', image: `registry.example/guestbook:${later ? 2 : 1}` }];
  const port = { port: 80, targetPort: 8080 };
  return stringify({
    apiVersion: 'appstore.dev/v1',
    kind: 'App',
    metadata: {
      ...{ name: 'guestbook', version, appVersion: later ? '2' : '1', title: 'Guestbook' },
      ...{ summary: 'A book for guests', category: 'web', license: 'MIT', home: 'https://guestbook.example' },
    },
    values: {
      type: 'object',
      properties: {
        greeting: { type: 'string', title: 'Greeting', default: 'Welcome' },
        ...(later ? { pages: { type: 'integer', title: 'Pages', default: 10, minimum: 1 } } : {}),
      },
    },
    resources: [
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: '${name}' },
        spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } },
      },
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: '${name}' },
        data: { greeting: '${values.greeting}', ...(later ? { pages: '${string(values.pages)}' } : {}) },
      },
      later
        ? {
            apiVersion: 'v1',
            kind: 'Service',
            metadata: { name: '${name}' },
            spec: { selector: labels, ports: [port] },
          }
        : { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: '${name}-old' }, data: { old: 'yes' } },
    ],
  });
}

beforeAll(async () => {
  const home = await mkdtemp(join(inject('sandbox').home, 'shop-'));
  const env = { HOME: home, XDG_CACHE_HOME: join(home, 'cache') };
  const [apps, built] = [join(home, 'apps'), join(home, 'site')];
  for (const version of ['1.0.0', '2.0.0'] as const) {
    await writeFiles(join(apps, 'guestbook'), { 'app.yaml': guestbook(version) });
    await cliJson(['catalog', 'build', apps, '--out', built], { env });
  }
  site = await staticSite(built);
  const added = await cli(['catalog', 'add', 'shop', site.url], { env });
  expect([added.code, added.stderr]).toEqual([0, expect.any(String)]);
  namespace = await freshNamespace();
  await cliJson(['install', 'shop/guestbook@1.0.0', 'book', '-n', namespace, '--set', 'greeting=Hi'], {
    env,
  });
  shop = await openShop({ env });
  page = shop.page;
});

afterAll(async () => {
  await shop?.close();
  site?.close();
});

const button = (label: string) => page.getByRole('button', { name: label });
const link = (label: string) => page.getByRole('link', { name: label });
const heading = (label: string) => page.getByRole('heading', { level: 1, name: label });
const object = (path: string) => kubeAnswer('GET', path.replace('NS', namespace));

test('a newer version is offered, and says what changes before it does', { timeout: 300_000 }, async () => {
  await link('My apps').click();
  await link('Update to 2.0.0').waitFor();
  await lookAt(page, 'mine-update');
  await link('book').click();
  await link('Update to 2.0.0').click();
  await heading('Update or change book').waitFor();
  // What was set stays, and what is new is asked.
  await page.getByLabel('Pages', { exact: true }).waitFor();
  expect(await page.getByLabel('Greeting', { exact: true }).inputValue()).toBe('Hi');
  const version = page.getByLabel('Version', { exact: true });
  expect(await version.inputValue()).toBe('2.0.0');
  // Answers go on to another version and come back, and so does the focus.
  const greeting = page.getByLabel('Greeting', { exact: true });
  await greeting.fill('Hello');
  await page.getByLabel('Pages', { exact: true }).fill('40');
  await version.press('ArrowDown');
  await page.getByLabel('Pages', { exact: true }).waitFor({ state: 'hidden' });
  expect(await greeting.inputValue()).toBe('Hello');
  expect(await page.evaluate('document.activeElement.id')).toBe('version');
  await page.keyboard.press('ArrowUp');
  await page.getByLabel('Pages', { exact: true }).waitFor();
  expect(await page.getByLabel('Pages', { exact: true }).inputValue()).toBe('40');
  await greeting.fill('Hi');
  await lookAt(page, 'versions-form', { all: true });
  await button('Show what will happen').click();
  await page.getByText('From version 1.0.0 to 2.0.0.').waitFor();
  const words = await page.getByRole('region', { name: 'What will happen' }).innerText();
  expect(words).toContain('book is changed and starts anew. It may be away for a moment.');
  expect(words).toContain('Image: registry.example/guestbook:1 → registry.example/guestbook:2');
  expect(words).toContain('Makes 1 address inside the cluster.');
  expect(words).toContain('Changes 1 set of settings.');
  expect(words).toContain('No longer part of it, so it goes: 1 set of settings.');
  await lookAt(page, 'versions-plan', { all: true });
  expect((await object('/api/v1/namespaces/NS/services/book')).status).toBe(404);
  await button('Update now').click();
  await heading('book is up to date').waitFor();
  await kube('GET', `/api/v1/namespaces/${namespace}/services/book`);
  expect((await object('/api/v1/namespaces/NS/configmaps/book-old')).status).toBe(404);
  const { body } = await object('/api/v1/namespaces/NS/configmaps/book');
  expect(body.data).toEqual({ greeting: 'Hi', pages: '40' });
});

test('an earlier version is a choice, too, and the way back is a revision', {
  timeout: 300_000,
}, async () => {
  await page.goto(`${shop.origin}/mine/${namespace}/book`);
  await page.getByText('2.0.0 (runs 2)').waitFor();
  expect(await link('Update to 2.0.0').count()).toBe(0);
  await page.goto(`${shop.origin}/apps/shop/guestbook`);
  await page.getByRole('link', { name: '1.0.0', exact: true }).click();
  await page.getByRole('link', { name: '1.0.0', exact: true }).and(page.locator('[aria-current]')).waitFor();
  await link('Install').click();
  await page.getByLabel('Greeting', { exact: true }).waitFor();
  expect(await page.getByLabel('Pages', { exact: true }).count()).toBe(0);
  await page.goto(`${shop.origin}/mine/${namespace}/book/rollback?revision=1`);
  await page.getByText('Goes back to how it was at revision 1 (version 1.0.0).').waitFor();
  await lookAt(page, 'versions-rollback');
  await button('Go back now').click();
  await heading('book is back').waitFor();
  expect((await object('/api/v1/namespaces/NS/services/book')).status).toBe(404);
});

test('after an update that failed, the way back leads to the last revision that worked', {
  timeout: 300_000,
}, async () => {
  const annotations = { 'sandbox.appstore.dev/behaviour': 'crash-loop' };
  const spec = { template: { metadata: { annotations } } };
  const patches = [{ kind: 'Deployment', metadata: { name: 'book' }, spec }];
  await page.route('**/api/v1/deployments/*/book/upgrade*', (route) =>
    route.continue({ postData: JSON.stringify({ ...route.request().postDataJSON(), patches }) }),
  );
  await page.goto(`${shop.origin}/mine/${namespace}/book/upgrade`);
  await page.getByLabel('Greeting', { exact: true }).fill('Hello');
  await button('Show what will happen').click();
  await button('Update now').click();
  await heading('That did not work out for book').waitFor();
  await link('Go back to revision 3').waitFor();
  await lookAt(page, 'failed-update', { all: true });
  await page.unroute('**/api/v1/deployments/*/book/upgrade*');
  await link('To the app').click();
  await link('Go back to revision 3').waitFor();
  await lookAt(page, 'failed-deployment');
  await link('History').click();
  await page.getByText('last that worked').waitFor();
  expect(await page.getByText('in use').count()).toBe(0);
  await lookAt(page, 'failed-history');
  await link('Go back to revision 3').click();
  await button('Go back now').click();
  await heading('book is back').waitFor();
});

test('what is there already is taken over by a click, and a plan that another page carried out is gone', {
  timeout: 300_000,
}, async () => {
  const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': '{}' };
  const metadata = { name: 'taken', annotations };
  const theirs = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { greeting: 'theirs' } };
  const configMaps = `/api/v1/namespaces/${namespace}/configmaps`;
  await kube('POST', `${configMaps}?fieldManager=kubectl-client-side-apply`, theirs);
  await page.goto(`${shop.origin}/apps/shop/guestbook/install`);
  await page.locator('#place-name').fill('taken');
  await page.getByLabel('Space', { exact: true }).fill(namespace);
  await button('Show what will happen').click();
  await page.getByText('Something of this name is there already').waitFor();
  await lookAt(page, 'adoptable', { all: true });
  await button('Take over what is there (1 object)').click();
  await page.getByText('Changes 1 set of settings.').waitFor();
  await page.getByText('Later, or with approval of somebody else').click();
  await button('Keep the plan').click();
  await button('Carry it out now').waitFor();
  const other = shop.watch(await shop.context.newPage());
  await other.goto(page.url());
  const again = other.getByRole('button', { name: 'Carry it out now' });
  await again.and(other.locator(':enabled')).waitFor();
  await button('Carry it out now').click();
  await heading('taken is installed').waitFor();
  const { body } = await object('/api/v1/namespaces/NS/configmaps/taken');
  expect(body.data.greeting).toBe('Welcome');
  await again.click();
  await other.getByRole('heading', { level: 1, name: 'This plan is not here any more' }).waitFor();
  await other.close();
});

test('what somebody else has set is asked for, and the choice holds from a button on', {
  timeout: 300_000,
}, async () => {
  const path = `/api/v1/namespaces/${namespace}/configmaps/book`;
  await kube('PATCH', `${path}?fieldManager=somebody`, { data: { greeting: 'Theirs' } });
  await page.goto(`${shop.origin}/mine/${namespace}/book/upgrade`);
  await page.getByLabel('Version', { exact: true }).selectOption('1.0.0');
  await page.getByLabel('Greeting', { exact: true }).fill('Ours');
  await button('Show what will happen').click();
  const theirs = page.getByRole('radio', { name: 'Leave theirs: Theirs' });
  await theirs.focus();
  await page.keyboard.press('Space');
  expect(await theirs.isChecked()).toBe(true);
  expect(await button('Update now').isDisabled()).toBe(true);
  await lookAt(page, 'conflict');
  await button('Show the plan with these decisions').click();
  await theirs.and(page.locator(':checked')).waitFor();
  expect(await page.evaluate('document.activeElement.textContent')).toBe('What will happen');
  await page.getByRole('radio', { name: "Use the app's value: Ours" }).check();
  await button('Show the plan with these decisions').click();
  await page.getByText('Changes 1 set of settings.').waitFor();
  await button('Update now').click();
  await heading('book is up to date').waitFor();
  expect((await object('/api/v1/namespaces/NS/configmaps/book')).body.data).toEqual({ greeting: 'Ours' });
});

test('what does not start is told with the reason while it is waited for, and what to do about it', {
  timeout: 300_000,
}, async () => {
  const annotations = { 'sandbox.appstore.dev/behaviour': 'crash-loop' };
  const spec = { template: { metadata: { annotations } } };
  const patches = [{ kind: 'Deployment', metadata: { name: 'sick' }, spec }];
  await page.route('**/api/v1/deploy', (route) =>
    route.continue({ postData: JSON.stringify({ ...route.request().postDataJSON(), patches }) }),
  );
  await page.goto(`${shop.origin}/apps/builtin/whoami/install`);
  await page.locator('#place-name').fill('sick');
  await page.getByLabel('Space', { exact: true }).fill(namespace);
  await button('Show what will happen').click();
  await button('Install now').click();
  const reason = page.getByText('The program ends again and again soon after it starts.');
  await reason.first().waitFor();
  await heading('That did not work out for sick').waitFor();
  await page.getByRole('alert').getByText('It does not run as it should').waitFor();
  await page.getByText('Look at the log, at the bottom of Activity.').waitFor();
  await lookAt(page, 'failed', { all: true });
  await link('To the app').click();
  await heading('sick').waitFor();
  await page.getByText('Has a problem').waitFor();
  await reason.first().waitFor();
  await page.getByText('Look at the log, at the bottom of Activity.').waitFor();
  await lookAt(page, 'unhealthy');
  await page.unroute('**/api/v1/deploy');
});

test('nothing went wrong in any page, and nothing was asked of anybody else', () => {
  expect(shop.mishaps).toEqual([]);
});
