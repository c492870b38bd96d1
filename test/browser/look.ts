import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

/** Pictures of every page, for people to look at: `.cache/screenshots/`, which git does not see. */
const pictures = join(import.meta.dirname, '../../.cache/screenshots');

export const desktop = { width: 1280, height: 900 };
export const phone = { width: 360, height: 740 };

/** A busy machine takes its time. */
export const soon = { timeout: 60_000 };

/** Pixels by which a page is wider than its window. */
export const overhang = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';

/** Each size and each colouring; both of both at pages that are come to most. */
const ways = [
  { size: 'desktop', viewport: desktop, colorScheme: 'light' },
  { size: 'phone', viewport: phone, colorScheme: 'dark' },
  { size: 'desktop', viewport: desktop, colorScheme: 'dark' },
  { size: 'phone', viewport: phone, colorScheme: 'light' },
] as const;

/**
 * A page as it is now, looked at: on a desktop and a phone, light and dark. Nothing runs over the edge, and axe finds nothing serious.
 */
export async function lookAt(
  page: Page,
  picture: string,
  { language = 'en', all = false } = {},
): Promise<void> {
  mkdirSync(pictures, { recursive: true });
  for (const { size, viewport, colorScheme } of all ? ways : ways.slice(0, 2)) {
    await page.setViewportSize(viewport);
    await page.emulateMedia({ colorScheme });
    expect(await page.evaluate<number>(overhang), `${picture} is wider than a ${size}`).toBe(0);
    const path = join(pictures, `${picture}-${language}-${size}-${colorScheme}.png`);
    await page.screenshot({ path, fullPage: true });
    expect(await seriousIn(page), `${picture} ${size} ${colorScheme}`).toEqual([]);
  }
  await page.setViewportSize(desktop);
  await page.emulateMedia({ colorScheme: 'light' });
}

async function seriousIn(page: Page): Promise<readonly string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join('\n')}`);
}

/**
 * What must not happen on any page: errors of scripts, blocked requests, and requests to other servers.
 *
 * @param provider where people are sent to log in and out; what its own pages ask for is its affair
 */
export function watchPages(shop: () => string, provider: () => string = shop) {
  const mishaps: string[] = [];
  return {
    mishaps: mishaps as readonly string[],
    watch(page: Page): Page {
      page.setDefaultTimeout(soon.timeout);
      page.on('pageerror', (error) => mishaps.push(`error: ${error.message}`));
      page.on('console', (message) => {
        // A refusal that is shown to the person is a line of the console, too.
        if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
          mishaps.push(`console: ${message.text()}`);
      });
      page.on('request', (request) => {
        const { origin } = new URL(request.url());
        const isOfShop = originOf(request.frame().url()) !== provider() || provider() === shop();
        const isKnown = [shop(), provider(), 'null'].includes(origin);
        if (isOfShop && !isKnown) mishaps.push(`foreign request: ${request.url()}`);
      });
      return page;
    },
  };
}

/** Of a frame that shows nothing yet there is none. */
function originOf(url: string): string {
  return URL.parse(url)?.origin ?? '';
}
