import { randomBytes } from 'node:crypto';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freshNamespace, kube } from '../support/sandbox.ts';
import { overhang, soon } from './look.ts';
import { type OpenShop, openShop } from './open-shop.ts';

let shop: OpenShop;
let page: Page;
let namespace = '';
const name = `keys-${randomBytes(3).toString('hex')}`;

beforeAll(async () => {
  namespace = await freshNamespace();
  shop = await openShop();
  page = shop.page;
});

afterAll(async () => {
  await shop?.close();
});

const heading = (label: string, one = page) => one.getByRole('heading', { level: 1, name: label });

/** What has the focus, as a screen reader names it, and what is wrong with how it is seen. */
const focus = `(() => {
  const one = document.activeElement;
  if (one === null || one === document.body) return { name: '', wrong: 'nothing has the focus' };
  const label = one.labels?.[0]?.querySelector('.field-label') ?? one.labels?.[0];
  const name = (one.getAttribute('aria-label') ?? label?.textContent ?? one.textContent).trim();
  const box = one.getBoundingClientRect();
  const [x, y] = [box.left + box.width / 2, box.top + Math.min(box.height / 2, 20)];
  const there = document.elementFromPoint(x, y);
  const hidden = there === null || !(one.contains(there) || there.contains(one) || one.labels?.[0]?.contains(there));
  const rings = [one, one.parentElement].flatMap((part) => [getComputedStyle(part), getComputedStyle(part, '::after')]);
  const around = one.closest('label, .card');
  if (around !== null) rings.push(getComputedStyle(around));
  const ringed = rings.some((style) => style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2);
  return { name, wrong: hidden ? 'it is not in sight' : ringed ? '' : 'no ring is around it' };
})()`;

/** Presses Tab until something of this name has the focus. On the way everything is in sight and marked. */
async function tabTo(wanted: RegExp): Promise<readonly string[]> {
  const passed: string[] = [];
  for (let step = 0; step < 80; step++) {
    await page.keyboard.press('Tab');
    const { name: named, wrong } = await page.evaluate<{ name: string; wrong: string }>(focus);
    expect(wrong, `${page.url()}: ${named}, after ${passed.join(', ')}`).toBe('');
    if (wanted.test(named)) return passed;
    passed.push(named);
  }
  throw new Error(`${wanted} is not reached by Tab: ${passed.join(', ')}`);
}

describe('by keyboard alone', { timeout: 300_000 }, () => {
  test('one gets from the search to an installed app', async () => {
    await heading('Find an app').waitFor();
    await tabTo(/^Skip to content$/);
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('content');
    expect(await tabTo(/^Search$/)).toEqual([]);
    await page.keyboard.type('whoami');
    await page.getByRole('link', { name: /^PostgreSQL/ }).waitFor({ state: 'hidden' });
    await tabTo(/^whoami/);
    await page.keyboard.press('Enter');
    await heading('whoami').waitFor();
    await tabTo(/^Install$/);
    await page.keyboard.press('Enter');
    await heading('Install whoami').waitFor();
    await tabTo(/^Name$/);
    await page.keyboard.press('ControlOrMeta+A');
    await page.keyboard.type(name);
    await tabTo(/^Space$/);
    await page.keyboard.press('ControlOrMeta+A');
    await page.keyboard.type(namespace);
    await tabTo(/^Show what will happen$/);
    await page.keyboard.press('Enter');
    await page.getByText(/^Makes /).waitFor();
    // The form is gone: the focus is where one reads on.
    expect(await page.evaluate('document.activeElement.textContent')).toBe('What will happen');
    await tabTo(/^Technical details/);
    await page.keyboard.press('Enter');
    await page.getByText(`Deployment/${name}`).waitFor();
    await tabTo(/^Install now$/);
    await page.keyboard.press('Enter');
    await heading(`${name} is installed`).waitFor();
    await kube('GET', `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`);
    await tabTo(/^To the app$/);
  });

  test('the menu opens, closes with Escape, and gives the focus back', async () => {
    await page.goto(`${shop.origin}/mine`);
    await heading('My apps').waitFor();
    await tabTo(/^Settings$/);
    await page.keyboard.press('Enter');
    expect(await tabTo(/^Language$/)).toEqual([]);
    await page.keyboard.press('Escape');
    expect(await page.getByLabel('Language').isVisible()).toBe(false);
    expect(await page.evaluate(`${focus}.name`)).toBe('Settings');
    // Who goes on behind it leaves it closed, too.
    await page.keyboard.press('Enter');
    await tabTo(/^Sign out$/);
    await page.keyboard.press('Tab');
    expect(await page.getByLabel('Language').isVisible()).toBe(false);
  });

  test('Stop is pressed, and the focus is at the heading of what came of it', async () => {
    const stopped = `${name}-stop`;
    const annotations = { 'sandbox.appstore.dev/behaviour': 'slow', 'sandbox.appstore.dev/delay': '10m' };
    const spec = { template: { metadata: { annotations } } };
    const patches = [{ kind: 'Deployment', metadata: { name: stopped }, spec }];
    await page.route('**/api/v1/deploy', (route) =>
      route.continue({ postData: JSON.stringify({ ...route.request().postDataJSON(), patches }) }),
    );
    await page.goto(`${shop.origin}/apps/builtin/whoami/install`);
    await page.locator('#place-name').fill(stopped);
    await page.getByLabel('Space', { exact: true }).fill(namespace);
    await page.getByRole('button', { name: 'Show what will happen' }).press('Enter');
    await page.getByText('Later, or with approval').click();
    const saved = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save as a file' }).press('Enter');
    await saved;
    expect(await page.evaluate(`${focus}.name`)).toBe('Save as a file');
    await page.getByRole('button', { name: 'Install now' }).press('Enter');
    await heading(`Installing ${stopped}`).waitFor();
    await page.getByRole('button', { name: 'Stop', exact: true }).press('Enter');
    await heading(`${stopped}: stopped`).waitFor();
    expect(await page.evaluate('document.activeElement.textContent.trim()')).toBe(`${stopped}: stopped`);
    await page.unroute('**/api/v1/deploy');
  });

  test('what is wrong in a form takes the focus, and is said with the question', async () => {
    await page.goto(`${shop.origin}/apps/builtin/valkey/install`);
    await page.getByLabel('Disk size', { exact: true }).fill('much');
    await page.getByRole('button', { name: 'Show what will happen' }).press('Enter');
    await page.getByText('A size such as 8Gi, 500Mi, or 250m.').waitFor();
    await expect.poll(() => page.evaluate('document.activeElement.id'), soon).toBe('value-storage_46_size');
    const size = page.getByRole('textbox', { name: 'Disk size' });
    expect(await size.getAttribute('aria-invalid')).toBe('true');
    const described = await page.evaluate<string>(
      `document.activeElement.getAttribute('aria-describedby').split(' ').map((id) => document.getElementById(id)?.textContent).join(' ')`,
    );
    expect(described).toContain('A size such as 8Gi, 500Mi, or 250m.');
  });
});

describe('as a screen reader hears it', { timeout: 300_000 }, () => {
  /** The tree of names and roles, without what is the same for the eye alone. */
  const heard = (selector: string) => page.locator(selector).ariaSnapshot();

  test('the frame and the list of apps', async () => {
    await page.goto(`${shop.origin}/?q=whoami`);
    await page.getByRole('link', { name: /^whoami/ }).waitFor();
    const body = await heard('body');
    for (const part of [
      '- link "Skip to content"',
      '- banner:',
      '- navigation "Main":',
      '- link "Discover"',
      '- link "My apps"',
      '- main:',
      '- heading "Find an app" [level=1]',
      '- search:',
      '- searchbox "Search"',
      '- heading "whoami" [level=2]',
      '- contentinfo:',
    ])
      expect(body).toContain(part);
    await expect.poll(() => page.locator('[aria-live]').innerText()).toBe('1 app');
  });

  test('an app of mine', async () => {
    await page.goto(`${shop.origin}/mine/${namespace}/${name}`);
    await heading(name).waitFor();
    await page.getByText('Works').waitFor();
    const main = await heard('main');
    for (const part of [
      `- heading "${name}" [level=1]`,
      '- navigation "About this app":',
      '- link "Overview"',
      '- link "Update or change"',
      '- link "Remove"',
      '- complementary "Facts":',
    ])
      expect(main).toContain(part);
    // It has none.
    expect(main).not.toContain('passwords');
  });

  test('no control of any page is without a name', async () => {
    const nameless: string[] = [];
    for (const path of [
      ...['/', '/apps/builtin/nextcloud', '/apps/builtin/nextcloud/install', '/mine', '/plans'],
      ...['', '/settings', '/history', '/activity', '/upgrade', '/remove'].map(
        (tab) => `/mine/${namespace}/${name}${tab}`,
      ),
    ]) {
      await page.goto(`${shop.origin}${path}`);
      await page.locator('h1').waitFor();
      await page.waitForLoadState('networkidle');
      const lines = (await heard('body')).split('\n');
      const controls =
        /^\s*- (button|link|textbox|searchbox|combobox|checkbox|radio|switch|spinbutton|slider|navigation|region)\b/;
      nameless.push(
        ...lines
          .filter((line) => controls.test(line) && !line.includes('"'))
          .map((line) => `${path}: ${line.trim()}`),
      );
    }
    expect(nameless).toEqual([]);
  });
});

describe('magnified', { timeout: 300_000 }, () => {
  test.each([
    [200, 640, 450],
    [400, 320, 256],
  ])(
    'at %i % of a window of 1280 nothing is cut off or has to be scrolled sideways',
    async (percent, width, height) => {
      const large = await shop.browser.newContext({
        storageState: await shop.context.storageState(),
        viewport: { width, height },
        deviceScaleFactor: percent / 100,
        locale: 'en-GB',
      });
      const one = shop.watch(await large.newPage());
      for (const path of [
        ...['/', '/apps/builtin/nextcloud', '/apps/builtin/nextcloud/install', '/mine', '/plans'],
        ...['', '/settings', '/history', '/upgrade', '/remove'].map(
          (tab) => `/mine/${namespace}/${name}${tab}`,
        ),
      ]) {
        await one.goto(`${shop.origin}${path}`);
        await one.locator('h1').waitFor();
        await one.waitForLoadState('networkidle');
        expect(await one.evaluate<number>(overhang), path).toBe(0);
        const cut = await one.evaluate<
          string[]
        >(`[...document.querySelectorAll('button, a, input, select, h1, h2')]
        .filter((part) => part.checkVisibility() && part.closest('.chips, .skip, .unseen') === null && part.className !== 'skip')
        .filter((part) => { const { left, right } = part.getBoundingClientRect(); return left < 0 || right > innerWidth; })
        .map((part) => part.outerHTML.slice(0, 80))`);
        expect(cut, path).toEqual([]);
      }
      await large.close();
    },
  );
});

describe('narrow', { timeout: 300_000 }, () => {
  const clusters = ['prod', 'staging'].map((one) => `arn:aws:eks:eu-west-1:123456789012:cluster/${one}`);

  test.each(['en-GB', 'nl-NL'].flatMap((locale) => [320, 360, 390].map((width) => [locale, width] as const)))(
    'in %s at %i pixels the menu is on the screen, with several clusters too',
    async (locale, width) => {
      const viewport = { width, height: 700 };
      const narrow = await shop.browser.newContext({
        ...{ storageState: await shop.context.storageState(), viewport, locale },
      });
      const one = shop.watch(await narrow.newPage());
      await one.route('**/api/v1/session', async (route) => {
        const answer = await route.fetch();
        const session = (await answer.json()) as { clusters: string[] };
        await route.fulfill({ json: { ...session, clusters: [...session.clusters, ...clusters] } });
      });
      await one.goto(`${shop.origin}/plans`);
      await one.locator('details.menu summary').click();
      const panel = await one.locator('.menu-panel').boundingBox();
      expect(panel?.x).toBeGreaterThanOrEqual(0);
      expect((panel?.x ?? 0) + (panel?.width ?? 0)).toBeLessThanOrEqual(width);
      expect(await one.evaluate<number>(overhang)).toBe(0);
      const named = await one
        .locator('.cluster option')
        .evaluateAll((all) => all.map(({ textContent }) => textContent));
      expect(named.slice(-2)).toEqual(['…/prod', '…/staging']);
      await narrow.close();
    },
  );
});

test('nothing went wrong in any page, and nothing was asked of anybody else', () => {
  expect(shop.mishaps).toEqual([]);
});
