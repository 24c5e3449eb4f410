import axe, { type AxeResults } from 'axe-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';

export type Scheme = 'light' | 'dark';

export const desktop = { width: 1280, height: 800 } as const;
/** The narrowest phone the pages are made for. */
export const phone = { width: 360, height: 740 } as const;

export interface PageOptions {
  readonly scheme?: Scheme;
  readonly viewport?: { readonly width: number; readonly height: number };
}

/** An open page that closes with its context, and every error the browser reported on it. */
export interface OpenPage extends AsyncDisposable {
  readonly page: Page;
  /** Uncaught errors, refused resources (content security policy) and console errors. */
  readonly errors: readonly string[];
}

export async function openPage(browser: Browser, url: string, options: PageOptions = {}): Promise<OpenPage> {
  const context: BrowserContext = await browser.newContext({
    viewport: options.viewport ?? desktop,
    colorScheme: options.scheme ?? 'light',
    locale: 'en-GB',
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  await page.goto(url);
  return { page, errors, [Symbol.asyncDispose]: async () => context.close() };
}

/** Violations of WCAG 2.2 A and AA and of axe's best practices, one line each. */
export async function accessibilityViolations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  // Code for the page is given as text: these files are checked without the browser's types.
  const { violations } = await page.evaluate<AxeResults>(
    `axe.run(document, { resultTypes: ['violations'] })`,
  );
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map((node) => `${id}: ${help}: ${node.target.join(' ')} ${node.failureSummary ?? ''}`),
  );
}

/** Whether the page as a whole would scroll sideways. */
export async function isWiderThanWindow(page: Page): Promise<boolean> {
  return page.evaluate<boolean>(
    'document.documentElement.scrollWidth > document.documentElement.clientWidth',
  );
}
