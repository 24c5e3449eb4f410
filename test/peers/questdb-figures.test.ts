import { readFile } from 'node:fs/promises';
import { Labels, type Matcher, type SelectRequest } from '@plimsoll/promql';
import { describe, expect, it } from 'vitest';
import type { LongTermBatch } from '../../packages/collector/src/telemetry/long-term/long-term-engine.ts';
import { openTestEngine } from '../../packages/collector/src/telemetry/questdb/testing/open-test-engine.ts';
import { long, randomOf } from '../support/budget.ts';
import { type QuestdbServer, questdbProgram, startQuestdb } from '../support/questdb.ts';

const program = long ? await questdbProgram() : { missing: 'figures are taken in the long run' };

const BASE_MS = 1_700_006_400_000;
const STEP_MS = 10_000;
const HOSTS = 50;
const STEPS = 360;
/** One host's. */
const SERIES = 270;

/** The series of one host, about as many and of the same kinds as an agent reads on a server of four cores. */
function seriesOf(host: number): Labels[] {
  const own = { instance: `web-${host}.example:9100`, job: 'node' };
  const many = (prefix: string, count: number, more: Record<string, string> = {}) =>
    Array.from({ length: count }, (_, i) =>
      Labels.of({ __name__: `${prefix}_value${i}_total`, ...own, ...more }),
    );
  return [
    ...many('node_memory', 48),
    ...many('node_netstat', 40),
    ...many('node_vmstat', 7),
    ...[
      'node_load1',
      'node_load5',
      'node_load15',
      'node_forks_total',
      'node_intr_total',
      'node_boot_time_seconds',
    ].map((name) => Labels.of({ __name__: name, ...own })),
    ...['sda', 'sdb'].flatMap((device) => many('node_disk', 17, { device })),
    ...['/', '/var', '/home', '/srv'].flatMap((mountpoint) =>
      many('node_filesystem', 7, { mountpoint, device: `/dev${mountpoint}`, fstype: 'ext4' }),
    ),
    ...['lo', 'eth0', 'eth1'].flatMap((device) => many('node_network', 25, { device })),
    ...['0', '1', '2', '3'].flatMap((cpu) =>
      ['user', 'system', 'idle', 'iowait', 'irq', 'softirq', 'steal', 'nice'].map((mode) =>
        Labels.of({ __name__: 'node_cpu_seconds_total', ...own, cpu, mode }),
      ),
    ),
  ];
}

/** Processor seconds a process has used, all its threads. */
async function cpuSeconds(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Bytes of the days that are over: those of the newest one have room to grow. */
async function closedBytes(server: QuestdbServer): Promise<{ bytes: number; shared: number; rows: number }> {
  const figures = { bytes: 0, shared: 0, rows: 0 };
  for (const [name] of await server.query('SELECT table_name FROM tables()')) {
    const table = String(name);
    const [sums] = await server.query(
      `SELECT sum(diskSize), sum(numRows) FROM table_partitions('${table}') WHERE NOT active`,
    );
    figures.bytes += Number(sums?.[0]);
    if (table === 'plimsoll_samples') {
      figures.shared += Number(sums?.[0]);
      figures.rows += Number(sums?.[1]);
    }
  }
  return figures;
}

/** 40 % gauges with two decimals, 40 % counters, 20 % constants, one sample a series and step, cut into batches. */
function* batches(size: number): Generator<LongTermBatch> {
  const random = randomOf(7);
  const labels = Array.from({ length: HOSTS }, (_, host) => seriesOf(host));
  const counters = labels.map((each) => each.map(() => Math.floor(random() * 1e6)));
  let rows: [Labels, number, number][] = [];
  for (let step = 0; step < STEPS; step++) {
    for (const [host, series] of labels.entries()) {
      const timestampMs = BASE_MS + step * STEP_MS + host;
      for (const [i, each] of series.entries()) {
        const kind = i % 5;
        const counter = counters[host] ?? [];
        counter[i] = (counter[i] ?? 0) + Math.floor(random() * 100);
        const value = kind < 2 ? Math.floor(random() * 10_000) / 100 : kind < 4 ? (counter[i] ?? 0) : i;
        rows.push([each, timestampMs, value]);
        if (rows.length === size) {
          yield cut(rows);
          rows = [];
        }
      }
    }
  }
  if (rows.length > 0) yield cut(rows);
}

function cut(rows: readonly (readonly [Labels, number, number])[]): LongTermBatch {
  const numbers = new Map<Labels, number>();
  const labels: Labels[] = [];
  const refs = Uint32Array.from(rows, ([each]) => {
    const known = numbers.get(each);
    if (known !== undefined) return known;
    numbers.set(each, labels.length);
    return labels.push(each) - 1;
  });
  const timestampsMs = Float64Array.from(rows, ([, ms]) => ms);
  return {
    refs,
    timestampsMs,
    values: Float64Array.from(rows, ([, , value]) => value),
    labels,
    metadata: [],
  };
}

function named(value: string): Matcher {
  return { name: '__name__', type: '=', value };
}

describe.skipIf('missing' in program)('figures of a real QuestDB', () => {
  it.each([10_000, 100_000])('in batches of %i samples', async (size) => {
    await using server = await startQuestdb(program, { flags: [] });
    await using engine = openTestEngine({ url: server.url });
    await engine.probe(AbortSignal.timeout(10_000));
    const serverCpu = await cpuSeconds(server.pid());
    let samples = 0;
    let ms = 0;
    let clientUs = 0;
    for (const batch of batches(size)) {
      samples += batch.refs.length;
      const cpu = process.cpuUsage();
      const started = performance.now();
      await engine.write(batch, AbortSignal.timeout(60_000));
      ms += performance.now() - started;
      const used = process.cpuUsage(cpu);
      clientUs += used.user + used.system;
    }
    await server.settle();
    const serverUsed = (await cpuSeconds(server.pid())) - serverCpu;
    const tables = await server.query('SELECT table_name, table_row_count FROM tables()');
    const [hosts] = batches(HOSTS * SERIES);
    if (hosts === undefined) throw new Error('there is a first batch');
    const nextDay = hosts.timestampsMs.map((timeMs) => timeMs + 86_400_000);
    await engine.write({ ...hosts, timestampsMs: nextDay }, AbortSignal.timeout(60_000));
    await server.settle();
    const { bytes, shared, rows } = await closedBytes(server);
    const million = samples / 1e6;
    console.log(
      `batches of ${size}: ${samples} samples, ${Math.round(samples / ms)} k samples/s, CPU-s per million: ` +
        `client ${(clientUs / 1e6 / million).toFixed(3)}, server ${(serverUsed / million).toFixed(2)}; ` +
        `${(bytes / samples).toFixed(1)} bytes a sample of a day that is over, ${(shared / rows).toFixed(1)} in the ` +
        `shared table; tables ${JSON.stringify(tables)}`,
    );
    const endMs = BASE_MS + STEPS * STEP_MS;
    const one = { name: 'instance', type: '=', value: 'web-7.example:9100' } as const;
    const requests: Record<string, SelectRequest> = {
      'one series raw': { matchers: [named('node_memory_value3_total'), one], startMs: BASE_MS, endMs },
      'a metric of all hosts raw': { matchers: [named('node_memory_value3_total')], startMs: BASE_MS, endMs },
      'a metric of all hosts at 300 s': {
        matchers: [named('node_memory_value3_total')],
        startMs: BASE_MS,
        endMs,
        instants: { firstMs: BASE_MS, stepMs: 300_000, count: STEPS / 30 + 1 },
      },
      'a metric of all hosts now': {
        matchers: [named('node_memory_value3_total')],
        startMs: endMs - 300_000,
        endMs,
        instants: { firstMs: endMs, stepMs: 0, count: 1 },
      },
      'node_cpu_seconds_total of all hosts raw': {
        matchers: [named('node_cpu_seconds_total')],
        startMs: BASE_MS,
        endMs,
      },
      'all of one host raw': { matchers: [one], startMs: BASE_MS, endMs },
    };
    for (const [what, request] of Object.entries(requests)) {
      const times: number[] = [];
      let found = 0;
      for (let run = 0; run < 7; run++) {
        const started = performance.now();
        const series = await engine.select(request);
        times.push(performance.now() - started);
        found = series.reduce((sum, { timestamps }) => sum + timestamps.length, 0);
      }
      expect(found).toBeGreaterThan(0);
      const [median] = times.toSorted((a, b) => a - b).slice(3);
      console.log(`  ${what}: ${found} samples, median ${median?.toFixed(1)} ms`);
    }
  });
});
