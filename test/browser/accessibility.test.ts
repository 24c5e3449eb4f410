import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { getJson, type Program, startProgram } from '../support/program.ts';
import { waitFor } from '../support/wait-for.ts';
import { launchChromium } from './support/chromium.ts';
import { accessibilityViolations, desktop, isWiderThanWindow, openPage, phone } from './support/pages.ts';

const chromium = await launchChromium();

const RULES = `
groups:
  - name: browser
    interval: 1s
    rules:
      - alert: FilesystemInUse
        expr: max by (instance, mountpoint) (1 - node_filesystem_avail_bytes / node_filesystem_size_bytes) * 100 > 1
        labels: {severity: critical, category: capacity}
        annotations: {summary: 'Filesystem {{ $labels.mountpoint }} of {{ $labels.instance }} is in use'}
`;

describe.skipIf('missing' in chromium)('the pages', () => {
  const opened = new AsyncDisposableStack();
  let browser: Browser;
  let program: Program;
  const paths = new Map<string, string>();

  beforeAll(async () => {
    if ('missing' in chromium) return;
    browser = opened.use(chromium.browser);
    program = await startProgram({
      config: 'rule_files: [rules.yml]\n',
      files: { 'rules.yml': RULES },
      args: ['--agent.collect.interval', '1s'],
    });
    opened.use(program);
    const incident = await waitFor('an incident', async () => {
      const { items } = await getJson<{ items: { number: number }[] }>(
        `${program.web}/api/plimsoll/v1/incidents`,
      );
      return items[0];
    });
    const filesystem = await waitFor('a filesystem', async () => {
      const { items } = await getJson<{ items: { instance: string; mountpoint: string }[] }>(
        `${program.web}/api/plimsoll/v1/capacity/filesystems`,
      );
      return items[0];
    });
    const chosen = new URLSearchParams({ instance: filesystem.instance, mountpoint: filesystem.mountpoint });
    paths.set('Now', '/');
    paths.set('Incidents', '/incidents');
    paths.set('an incident', `/incidents/${incident.number}`);
    paths.set('Problems', '/problems');
    paths.set('Hosts', '/hosts');
    paths.set('a host', `/hosts/${encodeURIComponent(hostname())}?range=15m`);
    paths.set('Capacity', `/capacity?${chosen}`);
    paths.set('Rules', '/rules');
    paths.set('no page', '/nowhere');
  });
  afterAll(async () => opened.disposeAsync());

  for (const scheme of ['light', 'dark'] as const) {
    for (const viewport of [desktop, phone]) {
      it(`have no violation in ${scheme} colours at ${viewport.width} px, and do not scroll sideways`, async () => {
        for (const [name, path] of paths) {
          await using shown = await openPage(browser, program.web + path, { scheme, viewport });
          const { page } = shown;
          await page.getByRole('heading', { level: 1 }).waitFor();
          await page.getByText('Live', { exact: true }).waitFor();
          // Everything that is fetched has come, charts included.
          await waitFor(
            'everything to be fetched',
            async () => (await page.getByText(/^Fetching /).count()) === 0,
          );
          if (name === 'a host') await page.getByRole('slider', { name: 'Memory: cursor' }).waitFor();
          expect(await accessibilityViolations(page), name).toEqual([]);
          expect(await isWiderThanWindow(page), `${name} scrolls sideways`).toBe(false);
          expect(shown.errors, name).toEqual([]);
        }
      });
    }
  }

  it('have no violation in the help dialog, which opens and closes by keyboard', async () => {
    await using shown = await openPage(browser, program.web);
    const { page } = shown;
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.keyboard.press('?');
    const dialog = page.getByRole('dialog', { name: 'Keyboard' });
    await dialog.waitFor();
    expect(await accessibilityViolations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
  });

  it('show a chart to the keyboard, as a table and as files', async () => {
    await using shown = await openPage(browser, `${program.web}${paths.get('a host')}`);
    const { page } = shown;
    const cursor = page.getByRole('slider', { name: 'Load: cursor' });
    await cursor.waitFor();
    await cursor.focus();
    await page.keyboard.press('End');
    const last = await cursor.getAttribute('aria-valuenow');
    await page.keyboard.press('ArrowLeft');
    expect(Number(await cursor.getAttribute('aria-valuenow'))).toBe(Number(last) - 1);
    expect(await cursor.getAttribute('aria-valuetext')).toMatch(/1 min/);

    const chart = page.getByRole('region', { name: 'Load', exact: true });
    await chart.getByText('View as table').click();
    await chart.getByRole('table').getByRole('columnheader', { name: '15 min', exact: true }).waitFor();
    expect(await accessibilityViolations(page)).toEqual([]);

    const saved = async (name: string) => {
      const [file] = await Promise.all([
        page.waitForEvent('download'),
        chart.getByRole('button', { name }).click(),
      ]);
      return { name: file.suggestedFilename(), bytes: await readFile(await file.path()) };
    };
    const csv = await saved('Load as CSV');
    expect(csv.name).toBe('Load.csv');
    expect(csv.bytes.toString()).toMatch(/^time,CPUs,1 min,5 min,15 min\r\n\d{4}-\d\d-\d\dT[\d:.]+Z,/);
    const png = await saved('Load as PNG');
    expect(png.name).toBe('Load.png');
    expect(png.bytes.subarray(1, 4).toString()).toBe('PNG');
    expect(shown.errors).toEqual([]);
  });

  it('keep the chosen colours, and let single keys be switched off', async () => {
    await using shown = await openPage(browser, program.web, { scheme: 'light' });
    const { page } = shown;
    const ground = () => page.evaluate<string>('getComputedStyle(document.documentElement).backgroundColor');
    const light = await ground();
    await page.getByRole('button', { name: 'Use dark colours' }).click();
    const dark = await waitFor('dark colours', async () => {
      const now = await ground();
      return now !== light && now;
    });
    await page.reload();
    await page.getByRole('button', { name: 'Use light colours' }).waitFor();
    await waitFor('dark colours after a reload', async () => (await ground()) === dark);

    await page.getByRole('button', { name: 'Keys and help' }).click();
    await page.getByRole('checkbox', { name: 'Single-key shortcuts are on' }).uncheck();
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await page.keyboard.press('/');
    expect(await page.getByRole('searchbox').and(page.locator(':focus')).count()).toBe(0);
    await page.keyboard.press('?');
    expect(await page.getByRole('dialog').count()).toBe(0);
  });

  it('show all places of the navigation on a phone', async () => {
    await using shown = await openPage(browser, program.web, { viewport: phone });
    const links = shown.page.getByRole('navigation', { name: 'Pages' }).getByRole('link');
    await links.first().waitFor();
    expect(await links.count()).toBe(6);
    for (const link of await links.all()) {
      const box = await link.boundingBox();
      expect(box?.x ?? -1).toBeGreaterThanOrEqual(0);
      expect((box?.x ?? 0) + (box?.width ?? Infinity)).toBeLessThanOrEqual(phone.width);
    }
  });

  it('keep the filter in the URL and say so when nothing matches', async () => {
    await using shown = await openPage(browser, `${program.web}/hosts`);
    const { page } = shown;
    await page.getByRole('link', { name: hostname() }).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('no such host');
    await page.getByRole('heading', { name: 'No host matches' }).waitFor();
    expect(new URL(page.url()).searchParams.get('q')).toBe('no such host');
    await page.reload();
    await page.getByRole('heading', { name: 'No host matches' }).waitFor();
  });
});
