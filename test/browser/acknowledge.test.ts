import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { getJson, type Program, startProgram } from '../support/program.ts';
import { waitFor } from '../support/wait-for.ts';
import { launchChromium } from './support/chromium.ts';
import { accessibilityViolations, openPage } from './support/pages.ts';

const chromium = await launchChromium();

const RULES = `
groups:
  - name: browser
    interval: 1s
    rules:
      - alert: FilesystemInUse
        expr: max by (instance) (1 - node_filesystem_avail_bytes / node_filesystem_size_bytes) * 100 > 1
        labels: {severity: warning, category: capacity}
        annotations: {summary: 'A filesystem of {{ $labels.instance }} is in use'}
`;

interface Incident {
  readonly number: number;
  readonly title: string;
  readonly state: string;
  readonly rule: { readonly name: string } | null;
  readonly timeline: readonly { readonly type: string; readonly text: string }[];
}

describe.skipIf('missing' in chromium)('an incident in the browser', () => {
  const opened = new AsyncDisposableStack();
  let browser: Browser;
  let program: Program;
  let incident: Incident;

  const incidents = async () => {
    const { items } = await getJson<{ items: Incident[] }>(
      `${program.web}/api/plimsoll/v1/incidents?state=all`,
    );
    return items;
  };
  const current = async () =>
    getJson<Incident>(`${program.web}/api/plimsoll/v1/incidents/${incident.number}`);

  beforeAll(async () => {
    if ('missing' in chromium) return;
    browser = opened.use(chromium.browser);
    program = await startProgram({
      config: 'rule_files: [rules.yml]\n',
      files: { 'rules.yml': RULES },
      args: ['--agent.collect.interval', '1s'],
    });
    opened.use(program);
    incident = await waitFor('the incident', async () =>
      (await incidents()).find(({ rule }) => rule?.name === 'FilesystemInUse'),
    );
  });
  afterAll(async () => opened.disposeAsync());

  it('is acknowledged by keyboard alone, and an undo within 5 s sends nothing', async () => {
    await using shown = await openPage(browser, program.web);
    const { page } = shown;
    const row = page.getByRole('row').filter({ hasText: incident.title });
    const link = row.getByRole('link', { name: incident.title });
    await link.waitFor();

    for (let presses = 0; presses < 20; presses += 1) {
      await page.keyboard.press('j');
      if ((await link.and(page.locator(':focus')).count()) > 0) break;
    }
    await page.keyboard.press('a');
    const messages = page.getByRole('status', { name: 'Messages' });
    await messages.getByText(`Acknowledging INC-${incident.number}`).waitFor();
    await page.keyboard.press('u');
    await messages.getByText(`Acknowledging INC-${incident.number}`).waitFor({ state: 'detached' });
    expect((await current()).state).toBe('new');

    await page.keyboard.press('a');
    await messages.getByText(`INC-${incident.number} acknowledged`).waitFor();
    await row.getByText('Acknowledged', { exact: true }).waitFor();
    const after = await current();
    expect(after.state).toBe('acknowledged');
    // The undone one left no trace in the journal.
    expect(after.timeline.filter(({ type }) => type === 'incident.acknowledged')).toHaveLength(1);

    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: incident.title }).waitFor();
    await page.getByRole('slider', { name: 'The expression over time: cursor' }).waitFor();
    expect(shown.errors).toEqual([]);
  });

  it('shows a refusal of the collector beside the field, and what another person did at once', async () => {
    await using shown = await openPage(browser, `${program.web}/incidents/${incident.number}`);
    const { page } = shown;
    await page.getByRole('button', { name: 'Add note' }).click();
    await page.getByLabel('Note', { exact: true }).fill('x'.repeat(100_000));
    await page.getByRole('form', { name: 'Add note' }).getByRole('button', { name: 'Add note' }).click();
    const refusal = page.getByRole('form', { name: 'Add note' }).getByRole('alert');
    await refusal.waitFor();
    expect(await refusal.textContent()).not.toBe('');
    expect(await accessibilityViolations(page)).toEqual([]);

    await page.getByLabel('Note', { exact: true }).fill('Looked at it; harmless');
    await page.getByRole('form', { name: 'Add note' }).getByRole('button', { name: 'Add note' }).click();
    await page.getByRole('listitem').filter({ hasText: 'Looked at it; harmless' }).waitFor();

    const elsewhere = await fetch(`${program.web}/api/plimsoll/v1/incidents/${incident.number}/notes`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ text: 'Said by somebody else' }),
    });
    expect(elsewhere.status).toBe(200);
    await page.getByRole('listitem').filter({ hasText: 'Said by somebody else' }).waitFor({ timeout: 5000 });
  });

  it('keeps a note that is being written from Escape, and sends it by Ctrl+Enter', async () => {
    await using shown = await openPage(browser, `${program.web}/incidents/${incident.number}`);
    const { page } = shown;
    const button = page.getByRole('group', { name: 'Actions' }).getByRole('button', { name: 'Add note' });
    const note = page.getByLabel('Note', { exact: true });
    await button.click();
    await note.press('Escape');
    await note.waitFor({ state: 'detached' });

    await button.click();
    await note.fill('Half a thought');
    await note.press('Escape');
    expect(await note.inputValue()).toBe('Half a thought');
    await note.press('Control+Enter');
    await page.getByRole('listitem').filter({ hasText: 'Half a thought' }).waitFor();
    await note.waitFor({ state: 'detached' });
  });

  it('says that it was resolved while its condition holds, and is opened again', async () => {
    await using shown = await openPage(browser, `${program.web}/incidents/${incident.number}`);
    const { page } = shown;
    const actions = page.getByRole('group', { name: 'Actions' });
    await actions.getByRole('button', { name: 'Resolve' }).click();
    await page.getByLabel('Why, as the condition still holds').fill('It is meant to be in use');
    await page.keyboard.press('Control+Enter');
    await page.getByText('Resolved by hand; the condition still holds.').waitFor();
    expect(await accessibilityViolations(page)).toEqual([]);

    await page.getByRole('link', { name: 'Now', exact: true }).click();
    await page.getByRole('heading', { name: 'Nothing is open, but rules fire' }).waitFor();
    expect(await page.getByText('all quiet').count()).toBe(0);

    await page.goBack();
    await actions.getByRole('button', { name: 'Reopen' }).click();
    await page.getByLabel('Why it is open again').fill('It was not');
    await page.keyboard.press('Control+Enter');
    await page.getByText('Resolved by hand; the condition still holds.').waitFor({ state: 'detached' });
    expect((await current()).state).toBe('in_progress');
    expect(shown.errors).toEqual([]);
  });

  it('appears on an open page by itself when it is opened', async () => {
    await using shown = await openPage(browser, program.web);
    const { page } = shown;
    await page.getByRole('heading', { name: 'Open incidents' }).waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    const title = 'Opened while the page was shown';
    const answer = await fetch(`${program.web}/api/plimsoll/v1/incidents`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ title, service: 'this-host', severity: 'info' }),
    });
    expect(answer.status).toBe(200);
    await page.getByRole('link', { name: title }).waitFor({ timeout: 5000 });
    expect(shown.errors).toEqual([]);
  });

  it('says that data is old while the collector is away, and catches up when it is back', async () => {
    await using shown = await openPage(browser, program.web);
    const { page } = shown;
    await page.getByText('Live', { exact: true }).waitFor();
    const { port } = new URL(program.web);
    await program.kill();
    await page.getByText('Reconnecting to the collector.').waitFor();
    await page.getByText(/Data is old since \d\d:\d\d:\d\d/).waitFor();
    const again = await startProgram({
      storagePath: program.storagePath,
      config: 'rule_files: [rules.yml]\n',
      files: { 'rules.yml': RULES },
      args: ['--agent.collect.interval', '1s', '--web.listen-address', `127.0.0.1:${port}`],
    });
    try {
      await page.getByText('Live', { exact: true }).waitFor({ timeout: 30_000 });
      await page.getByText('Reconnecting to the collector.').waitFor({ state: 'detached' });
    } finally {
      await again[Symbol.asyncDispose]();
    }
  });
});
