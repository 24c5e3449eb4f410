import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startProgram } from '../support/program.ts';
import { waitFor } from '../support/wait-for.ts';

/** Fires on every host that has a filesystem in use. */
const RULES = `
groups:
  - name: disks
    interval: 1s
    rules:
      - alert: FilesystemInUse
        expr: 1 - node_filesystem_avail_bytes{mountpoint="/"} / node_filesystem_size_bytes > 0.01
        labels: {severity: critical, category: capacity}
        annotations: {summary: 'The root filesystem of {{ $labels.instance }} is in use'}
`;

interface Received {
  readonly status: string;
  readonly alerts: { readonly labels: Record<string, string> }[];
}

const webhooks: Received[] = [];
const mails: string[] = [];
let web: Server;
let smtp: SMTPServer;
let smtpPort: number;

beforeAll(async () => {
  web = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      webhooks.push(JSON.parse(body) as Received);
      response.end();
    });
  });
  await new Promise<void>((resolve) => {
    web.listen(0, '127.0.0.1', resolve);
  });
  smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onData(stream, _session, done) {
      let text = '';
      stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
      stream.on('end', () => {
        mails.push(text);
        done();
      });
    },
  });
  smtpPort = await new Promise<number>((resolve) => {
    const server = smtp.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
});

afterAll(async () => {
  web.close();
  await new Promise<void>((resolve) => {
    smtp.close(resolve);
  });
});

it('tells a webhook and a mail server of an incident', async () => {
  await using program = await startProgram({
    config: `rule_files: [rules.yml]
notifications:
  channels:
    - {kind: webhook, name: hook, url: 'http://127.0.0.1:${(web.address() as AddressInfo).port}/'}
    - {kind: email, name: mail, smarthost: '127.0.0.1:${smtpPort}', from: plimsoll@example.org, to: [ops@example.org], requireTls: false}
`,
    files: { 'rules.yml': RULES },
    args: ['--agent.collect.interval', '1s'],
  });
  const hook = await waitFor('the webhook', () =>
    webhooks.find(({ alerts }) => alerts.some(({ labels }) => labels['alertname'] === 'FilesystemInUse')),
  );
  expect(hook.status).toBe('firing');
  const mail = await waitFor('the mail', () => mails.find((text) => text.includes('root filesystem')));
  expect(mail).toMatch(/^Subject: .*P\d/m);
  expect(mail).toMatch(/^To: ops@example.org/m);
  expect(program.output()).not.toMatch(/"level":(50|60)/);
});
