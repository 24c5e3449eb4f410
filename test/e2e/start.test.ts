import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { getJson, type Program, startProgram } from '../support/program.ts';
import { waitFor } from '../support/wait-for.ts';

interface QueryAnswer {
  readonly status: string;
  readonly data: {
    readonly result: { readonly metric: Record<string, string>; readonly value: [number, string] }[];
  };
}

describe('plimsoll start', () => {
  let program: Program;
  const query = async (expression: string): Promise<QueryAnswer['data']['result']> =>
    (await getJson<QueryAnswer>(`${program.web}/api/v1/query?query=${encodeURIComponent(expression)}`)).data
      .result;

  beforeAll(async () => {
    program = await startProgram({ args: ['--agent.collect.interval', '1s'] });
  });
  afterAll(async () => program[Symbol.asyncDispose]());

  it('writes the bound addresses down', async () => {
    const written = JSON.parse(
      await readFile(path.join(program.storagePath, 'addresses.json'), 'utf8'),
    ) as object;
    expect(written).toMatchObject({ web: program.web, grpc: program.grpc, agent: program.agent });
  });

  it('answers queries for this host within 15 s, with the values of /proc', async () => {
    const result = await waitFor('node_cpu_seconds_total', async () => {
      const answer = await query('node_cpu_seconds_total{mode="idle"}');
      return answer.length > 0 && answer;
    });
    const proc = await readFile('/proc/stat', 'utf8');
    const idle = [...proc.matchAll(/^cpu(\d+) \d+ \d+ \d+ (\d+)/gm)];
    expect(new Set(result.map(({ metric }) => metric['cpu']))).toEqual(new Set(idle.map(([, cpu]) => cpu)));
    for (const [, cpu, ticks] of idle) {
      const stored = Number(result.find(({ metric }) => metric['cpu'] === cpu)?.value[1]);
      expect(Math.abs(Number(ticks) / 100 - stored)).toBeLessThan(15);
    }
    expect(result[0]?.metric).toMatchObject({ instance: hostname(), job: 'node' });
  });

  it('says the host is up', async () => {
    await waitFor('up', async () => {
      const [up] = await query('up');
      return up?.value[1] === '1' && up.metric['instance'] === hostname();
    });
  });

  it('lists the host with its facts', async () => {
    const host = await waitFor(
      'the host with facts',
      async () => {
        const { items } = await getJson<{ items: Record<string, unknown>[] }>(
          `${program.web}/api/plimsoll/v1/hosts`,
        );
        return items[0]?.['facts'] !== null && items[0];
      },
      30_000,
    );
    expect(host).toMatchObject({ instance: hostname(), state: 'up', connected: true, collectInterval: 1 });
    expect(host['facts']).toMatchObject({ hostname: hostname(), os: expect.any(String) });
  });

  it('shows the shipped rules without an error', async () => {
    const rules = await getJson<{ data: { groups: { rules: { health: string; name: string }[] }[] } }>(
      `${program.web}/api/v1/rules`,
    );
    const all = rules.data.groups.flatMap((group) => group.rules);
    expect(all.length).toBeGreaterThan(10);
    expect(all.filter(({ health }) => health === 'err')).toEqual([]);
  });

  it('serves the pages', async () => {
    for (const page of ['/', '/hosts', `/hosts/${hostname()}`, '/query']) {
      const response = await fetch(`${program.web}${page}`);
      expect(response.status, page).toBe(200);
      expect(await response.text(), page).toContain('<title>');
    }
  });

  it('ends gracefully on SIGTERM and starts again from what it stored', async () => {
    expect(await program.stop()).toBe(0);
    expect(program.output()).not.toMatch(/"level":(50|60)/);
    const again = await startProgram({
      storagePath: program.storagePath,
      args: ['--agent.collect.interval', '1s'],
    });
    try {
      const answer = await getJson<QueryAnswer>(
        `${again.web}/api/v1/query?query=${encodeURIComponent('count_over_time(node_load1[5m])')}`,
      );
      expect(Number(answer.data.result[0]?.value[1])).toBeGreaterThan(0);
    } finally {
      await again[Symbol.asyncDispose]();
    }
  });
});
