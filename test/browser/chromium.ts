import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { debianProgram } from '../support/debian-programs.ts';

/** A way to look at a page, as people do. */
export interface Look {
  readonly name: string;
  readonly context: BrowserContextOptions;
  /** The scripts of the page are loaded. axe is one itself, so scripts as such are on. */
  readonly scripts: boolean;
}

/** On a phone and at a desk, light and dark, with scripts and without. */
export const looks: readonly Look[] = [
  { name: 'a phone', viewport: { width: 390, height: 844 } },
  { name: 'a desk', viewport: { width: 1280, height: 900 } },
].flatMap(({ name, viewport }) =>
  (['light', 'dark'] as const).flatMap((colorScheme) =>
    [true, false].map((scripts) => ({
      name: `${name}, ${colorScheme}${scripts ? '' : ', without scripts'}`,
      // axe is put into the page, which the policy of a page may forbid.
      context: { viewport, colorScheme, bypassCSP: true },
      scripts,
    })),
  ),
);

/**
 * The Chromium of this machine; installed where that may be done (support/debian-programs.ts).
 *
 * @param args Further ones of its command line
 * @throws Error that says in one line what is missing
 */
export async function startChromium(args: readonly string[] = []): Promise<Browser> {
  const executablePath = await debianProgram('chromium');
  // Its own sandbox is not to be had as root, nor in most containers; the pages are ours.
  return chromium.launch({ executablePath, args: ['--no-sandbox', ...args] });
}

/** A window of this look. */
export async function openWindow(browser: Browser, { context, scripts }: Look): Promise<Page> {
  const page = await (await browser.newContext(context)).newPage();
  if (!scripts) await page.route(/\.js$/, (route) => route.abort());
  return page;
}

/** What axe finds wrong with a page, one line a rule with its places, and whether the page is wider than the screen. */
export async function faultsOf(page: Page): Promise<readonly string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const isWide = await page.evaluate('document.documentElement.scrollWidth > innerWidth');
  return [
    ...violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => String(target)).join(', ')}`),
    ...(isWide === true ? ['the page is wider than the screen'] : []),
  ];
}
