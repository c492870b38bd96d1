import type { Browser, BrowserContext, Page } from 'playwright-core';
import { startBuilt } from '../support/cli.ts';
import { startChromium } from './chromium.ts';
import { desktop, watchPages } from './look.ts';

/** The built server on this machine, and somebody who opened its link in Chromium. */
export interface OpenShop {
  readonly origin: string;
  readonly browser: Browser;
  readonly context: BrowserContext;
  readonly page: Page;
  /** What went wrong in the pages that are watched. */
  readonly mishaps: readonly string[];
  watch(page: Page): Page;
  /** The link that the server puts on the terminal when the first one is used and somebody comes without a session. */
  newLink(): Promise<string>;
  close(): Promise<void>;
}

export async function openShop(options: Parameters<typeof startBuilt>[1] = {}): Promise<OpenShop> {
  const server = await startBuilt(['serve', '--port', '0', '-q'], options);
  const end = async (): Promise<void> => {
    server.kill('SIGTERM');
    await server.done;
  };
  try {
    const link = await server.printed(/http:\/\/127\.0\.0\.1:\d+\/login\?once=\S+/);
    const { origin } = new URL(link);
    const { mishaps, watch } = watchPages(() => origin);
    const browser = await startChromium();
    const context = await browser.newContext({ viewport: desktop, locale: 'en-GB', reducedMotion: 'reduce' });
    const page = watch(await context.newPage());
    await page.goto(link);
    const close = async (): Promise<void> => {
      await browser.close();
      await end();
    };
    const newLink = () => server.printed(/(?<=once=[\s\S]*)http:\S+once=\S+/);
    return { origin, browser, context, page, mishaps, watch, newLink, close };
  } catch (error) {
    await end();
    throw error;
  }
}
