import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { getJson, runProgram, startProgram } from '../support/program.ts';
import { waitFor } from '../support/wait-for.ts';

const BAD_RULES = `groups:
  - name: disks
    rules:
      - alert: Full
        exprr: node_filesystem_avail_bytes == 0
`;

const PORTS = ['--web.listen-address', '127.0.0.1:0', '--grpc.listen-address', '127.0.0.1:0'];

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'plimsoll-refused-'));
});
afterEach(async () => rm(directory, { recursive: true, force: true }));

const collector = async (...args: string[]): ReturnType<typeof runProgram> =>
  runProgram(['collector', '--storage.path', path.join(directory, 'data'), ...args], { cwd: directory });

describe('a start that cannot be', () => {
  it('names file, line and nearest name of a wrong rule key, and exits with 78', async () => {
    await writeFile(path.join(directory, 'rules.yml'), BAD_RULES);
    await writeFile(path.join(directory, 'plimsoll.yml'), 'rule_files: [rules.yml]\n');
    const { code, stderr } = await collector('--config.file', path.join(directory, 'plimsoll.yml'), ...PORTS);
    expect(code).toBe(78);
    expect(stderr).toMatch(/rules\.yml:5/);
    expect(stderr).toMatch(/exprr/);
    expect(stderr).toMatch(/"?expr"?\b/);
  });

  it('names file, line and nearest name of a wrong service key, and exits with 78', async () => {
    const service =
      'apiVersion: plimsoll/v1\nkind: Service\nmetadata: {name: orders}\nspec:\n  ownr: team\n  tier: 1\n';
    await writeFile(path.join(directory, 'orders.yaml'), service);
    await writeFile(path.join(directory, 'plimsoll.yml'), 'service_files: ["*.yaml"]\n');
    const { code, stderr } = await collector('--config.file', path.join(directory, 'plimsoll.yml'), ...PORTS);
    expect(code).toBe(78);
    expect(stderr).toMatch(/orders\.yaml:5/);
    expect(stderr).toMatch(/owner/);
  });

  it('refuses an address that others reach', async () => {
    const { code, stderr } = await collector(
      '--web.listen-address',
      '0.0.0.0:0',
      '--grpc.listen-address',
      '127.0.0.1:0',
    );
    expect(code).toBe(78);
    expect(stderr).toMatch(/--insecure/);
  });

  it('says which port is in use', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const { port } = server.address() as { port: number };
    for (const flag of ['web.listen-address', 'grpc.listen-address']) {
      const others = PORTS.filter((_, index) => PORTS[index - (index % 2)] !== `--${flag}`);
      const { code, stderr } = await collector(`--${flag}`, `127.0.0.1:${port}`, ...others);
      expect(code).toBe(1);
      expect(stderr).toContain(String(port));
      expect(stderr).toContain(flag);
      expect(stderr.trim().split('\n').length).toBe(1);
    }
    server.close();
  });

  it('exits with 75 while another collector has the data directory', async () => {
    await using first = await startProgram({ command: 'collector' });
    const { code, stderr } = await runProgram(['collector', '--storage.path', first.storagePath, ...PORTS]);
    expect(code).toBe(75);
    expect(stderr).toContain(first.storagePath);
  });

  it('answers a wrong flag with the nearest, and exits with 2', async () => {
    const { code, stderr } = await collector('--storage.pth', 'x');
    expect(code).toBe(2);
    expect(stderr).toContain('--storage.path');
  });
});

describe('a reload that cannot be', () => {
  it('keeps what runs, and says so in a metric and in the status', async () => {
    await using program = await startProgram({
      command: 'collector',
      config: 'rule_files: [rules.yml]\n',
      files: { 'rules.yml': 'groups: [{name: mine, rules: [{record: one, expr: vector(1)}]}]\n' },
    });
    const configuration = async (): Promise<{ lastReloadSuccessful: boolean; error: string | null }> =>
      (
        await getJson<{ configuration: { lastReloadSuccessful: boolean; error: string | null } }>(
          `${program.web}/api/plimsoll/v1/status`,
        )
      ).configuration;
    await writeFile(path.join(path.dirname(program.storagePath), 'rules.yml'), BAD_RULES);
    program.process.kill('SIGHUP');
    const failed = await waitFor('the refusal', async () => {
      const status = await configuration();
      return !status.lastReloadSuccessful && status;
    });
    expect(failed.error).toMatch(/rules\.yml:5/);
    const metrics = await (await fetch(`${program.web}/metrics`)).text();
    expect(metrics).toMatch(/^plimsoll_config_last_reload_successful 0$/m);
    const { data } = await getJson<{ data: { groups: { name: string }[] } }>(`${program.web}/api/v1/rules`);
    expect(data.groups.map(({ name }) => name)).toContain('mine');

    await writeFile(
      path.join(path.dirname(program.storagePath), 'rules.yml'),
      'groups: [{name: other, rules: [{record: two, expr: vector(2)}]}]\n',
    );
    program.process.kill('SIGHUP');
    await waitFor('the reload', async () => (await configuration()).lastReloadSuccessful);
    const after = await getJson<{ data: { groups: { name: string }[] } }>(`${program.web}/api/v1/rules`);
    expect(after.data.groups.map(({ name }) => name)).toContain('other');
    expect(after.data.groups.map(({ name }) => name)).not.toContain('mine');
  });
});
