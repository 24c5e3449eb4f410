import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { isStaleMarker } from '@plimsoll/proto';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet/src/node.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { randomOf, seedOf } from '../support/budget.ts';
import { debianProgram } from '../support/debian.ts';
import { fillDetailed, readDetailed } from '../support/detailed-telemetry.ts';
import { npmModule } from '../support/npm-module.ts';
import { killOnTheWay } from '../support/kill-on-the-way.ts';
import { getJson, runProgram } from '../support/program.ts';
import { newestPrometheus } from '../support/prometheus-programs.ts';
import { pathOf } from '../support/run-counterpart.ts';
import { type Contents, countOf, differences, fillStore, readStore } from '../support/random-telemetry.ts';
import { VictoriaMetrics, victoriaMetrics } from '../support/victoria-metrics.ts';
import { startPrometheus } from './differential/start-prometheus.ts';

const prometheus = await debianProgram('prometheus', 'prometheus');
const newest = await newestPrometheus('prometheus');
const victoria = await victoriaMetrics();
const promtool = await debianProgram('prometheus', 'promtool');
const duckdb = await npmModule('@duckdb/node-api', '1.5.6-r.1', 'lib/index.js');

/** What is used of DuckDB's library, which is not among our dependencies. */
interface DuckDb {
  readonly DuckDBInstance: {
    create(): Promise<{
      connect(): Promise<{
        runAndReadAll(query: string): Promise<{ getRowObjects(): readonly Record<string, unknown>[] }>;
        closeSync(): void;
      }>;
    }>;
  };
}

const HOUR_MS = 3_600_000;

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'plimsoll-storage-'));
});
afterEach(async () => rm(directory, { recursive: true, force: true }));

const storage = async (...args: readonly string[]) =>
  runProgram(['storage', ...args], { cwd: directory, timeoutMs: 100_000 });

/** A filled store below the test's directory, half an hour to some hours old. */
async function filled(suite: string, hours = 5): Promise<Contents> {
  const endMs = Date.now() - 60_000;
  const plan = { series: 50, startMs: endMs - hours * HOUR_MS, endMs, stepMs: 15_000, isWild: true };
  return fillStore(path.join(directory, 'from'), plan, randomOf(seedOf(suite)));
}

/** Without stale markers, as exports are. */
function withoutStaleMarkers(contents: Contents): Contents {
  return new Map(
    [...contents].map(([series, samples]) => [
      series,
      new Map([...samples].filter(([, bits]) => !isStaleMarker(valueOf(bits)))),
    ]),
  );
}

function valueOf(bits: bigint): number {
  return new Float64Array(BigUint64Array.of(bits).buffer)[0] ?? 0;
}

function bitsOf(value: number): bigint {
  // Every other NaN is one and the same in text.
  return Number.isNaN(value)
    ? 0x7ff8_0000_0000_0000n
    : (new BigUint64Array(Float64Array.of(value).buffer)[0] ?? 0n);
}

/** With every NaN the same. */
function asText(contents: Contents): Contents {
  return new Map(
    [...contents].map(([series, samples]) => [
      series,
      new Map([...samples].map(([at, bits]) => [at, bitsOf(valueOf(bits))])),
    ]),
  );
}

describe.skipIf('missing' in prometheus)('storage copy and a real Prometheus', () => {
  it('writes to it by remote write and imports from it by remote read, bit for bit', async () => {
    if ('missing' in prometheus) throw new Error(prometheus.missing);
    const contents = await filled('copy to Prometheus');
    await using server = await startPrometheus(prometheus.path, 'global: {scrape_interval: 1m}\n');
    const written = await storage('copy', '--from', 'from', '--to', server.url);
    expect(written, written.stderr).toMatchObject({ code: 0 });
    const count = countOf(contents).toLocaleString('en-US');
    expect(written.stdout).toContain(`verified: all ${count} samples are there`);
    // A second time all is there: Prometheus refuses the samples, a comparison shows why.
    const again = await storage('copy', '--from', 'from', '--to', server.url);
    expect(again, again.stderr).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`0 written + ${count} there already`),
    });
    const read = await storage('copy', '--from', server.url, '--to', 'back');
    expect(read, read.stderr).toMatchObject({ code: 0, stdout: expect.stringContaining(`${count} written`) });
    expect(differences(contents, await readStore(path.join(directory, 'back')))).toEqual([]);
  });

  it('imports what it scraped', async () => {
    if ('missing' in prometheus) throw new Error(prometheus.missing);
    await using server = await startPrometheus(
      prometheus.path,
      "global: {scrape_interval: 1s, external_labels: {site: here}}\nscrape_configs: [{job_name: self, static_configs: [{targets: ['127.0.0.1:1']}]}]\n",
    );
    const count = async (): Promise<number> => {
      const { data } = await getJson<{ data: { result: { value: [number, string] }[] } }>(
        `${server.url}/api/v1/query?query=${encodeURIComponent('count_over_time(up[5m])')}`,
      );
      return Number(data.result[0]?.value[1] ?? 0);
    };
    await expect.poll(count, { timeout: 30_000 }).toBeGreaterThan(2);
    const end = String(Date.now() / 1000);
    const read = await storage('copy', '--from', server.url, '--to', 'data', '--match', 'up', '--end', end);
    expect(read, read.stderr).toMatchObject({ code: 0 });
    const [[series, samples] = []] = await readStore(path.join(directory, 'data'));
    expect(series).toBe('up{instance="127.0.0.1:1", job="self", site="here"}');
    expect(samples?.size).toBeGreaterThan(2);
  });

  it('loses and doubles nothing over kill -9 on the way to it and back', async () => {
    if ('missing' in prometheus) throw new Error(prometheus.missing);
    const contents = await filled('copy to Prometheus, killed', 24);
    await using server = await startPrometheus(prometheus.path, 'global: {scrape_interval: 1m}\n');
    const random = randomOf(seedOf('copy to Prometheus, when to kill'));
    const count = countOf(contents).toLocaleString('en-US');
    const ways = [
      ['--from', 'from', '--to', server.url],
      ['--from', server.url, '--to', 'back'],
    ];
    for (const args of ways) {
      const state = path.join(directory, 'state.json');
      const command = ['storage', 'copy', ...args, '--state', state];
      await killOnTheWay(command, directory, state, random);
      const last = await runProgram(command, { cwd: directory, timeoutMs: 100_000 });
      expect(last, last.stderr).toMatchObject({ code: 0, stdout: expect.stringContaining('went on at') });
      expect(last.stdout).toContain(`verified: all ${count} samples`);
    }
    expect(differences(contents, await readStore(path.join(directory, 'back')))).toEqual([]);
  });

  it('says what a server refuses and what to do', async () => {
    if ('missing' in prometheus) throw new Error(prometheus.missing);
    await filled('copy to Prometheus, refused');
    await using server = await startPrometheus(
      prometheus.path,
      "global: {scrape_interval: 1s}\nscrape_configs: [{job_name: self, static_configs: [{targets: ['127.0.0.1:1']}]}]\n",
    );
    await expect
      .poll(
        async () => (await (await fetch(`${server.url}/api/v1/query?query=up`)).text()).includes('"value"'),
        {
          timeout: 30_000,
        },
      )
      .toBe(true);
    const refused = await storage('copy', '--from', 'from', '--to', server.url);
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/refuses samples: out of bounds; .*go on/),
    });
  });
});

describe.skipIf('missing' in newest)('storage copy of native histograms and a real Prometheus 3.16', () => {
  it.each([
    ['with start timestamps', ['--enable-feature=st-storage'], true],
    ['without', [], false],
  ] as const)('keeps all of them on the way there and back, %s', async (_, args, starts) => {
    const count = (await fillDetailed(path.join(directory, 'from'))).toLocaleString('en-US');
    await using server = await startPrometheus(
      pathOf(newest),
      'storage: {tsdb: {out_of_order_time_window: 1d}}\n',
      {},
      args,
    );
    const written = await storage('copy', '--from', 'from', '--to', server.url);
    expect(written, written.stderr).toMatchObject({ code: 0 });
    expect(written.stdout).toContain(`verified: all ${count} samples are there`);
    if (starts) expect(written.stderr).not.toContain('start timestamp');
    else expect(written.stderr).toMatch(/note: \d+ samples have no start timestamp in .*st-storage/);
    const again = await storage('copy', '--from', 'from', '--to', server.url);
    expect(again, again.stderr).toMatchObject({ code: 0 });
    const read = await storage('copy', '--from', server.url, '--to', 'back');
    expect(read, read.stderr).toMatchObject({ code: 0, stdout: expect.stringContaining(`${count} written`) });
    const [from, back] = ['from', 'back'].map((name) => path.join(directory, name)) as [string, string];
    expect(await readDetailed(back, { starts })).toEqual(await readDetailed(from, { starts }));
  });
});

describe.skipIf('missing' in victoria)('storage copy and a real VictoriaMetrics', () => {
  it('says what it does not keep', async () => {
    await fillDetailed(path.join(directory, 'from'));
    await using server = await VictoriaMetrics.start(pathOf(victoria));
    const ran = await storage('copy', '--from', 'from', '--to', server.url);
    expect(ran, ran.stderr).toMatchObject({ code: 0 });
    expect(ran.stderr).toMatch(/note: \d+ start timestamps were left out: .* speaks remote write 1\.0/);
    expect(ran.stderr).toMatch(
      /note: .* took \d+ native histograms .* VictoriaMetrics makes series of buckets/,
    );
    expect(ran.stderr).toContain('has no remote read: what it took was counted, not read back');
  });
});

describe('storage export', () => {
  it.skipIf('missing' in promtool)(
    'writes text of which promtool makes blocks with every sample',
    async () => {
      if ('missing' in promtool) throw new Error(promtool.missing);
      const contents = withoutStaleMarkers(await filled('export as OpenMetrics'));
      const ran = await storage('export', '--from', 'from', '--output', 'history.om');
      expect(ran, ran.stderr).toMatchObject({
        code: 0,
        stderr: expect.stringContaining('stale markers were left out'),
      });
      expect(ran.stdout).toContain(`${countOf(contents).toLocaleString('en-US')} samples of 50 series`);
      const text = await readFile(path.join(directory, 'history.om'), 'utf8');
      expect(text).toContain('# TYPE disk_bytes gauge\n# UNIT disk_bytes bytes\n# HELP disk_bytes Bytes.\n');
      expect(text).toContain(
        '# TYPE requests counter\n# HELP requests Requests, with a \\\\ and a\\nline.\n',
      );
      expect(text.endsWith('\n# EOF\n')).toBe(true);
      const blocks = path.join(directory, 'blocks');
      await run(promtool.path, [
        'tsdb',
        'create-blocks-from',
        'openmetrics',
        path.join(directory, 'history.om'),
        blocks,
      ]);
      // This promtool wants to see a write-ahead log.
      await mkdir(path.join(blocks, 'wal'));
      const dumped = readDump(await run(promtool.path, ['tsdb', 'dump', blocks]));
      expect(differences(asText(contents), dumped)).toEqual([]);
    },
  );

  it('writes a Parquet table that another library reads', async () => {
    const contents = withoutStaleMarkers(await filled('export as Parquet'));
    const ran = await storage('export', '--from', 'from', '--output', 'history.parquet');
    expect(ran, ran.stderr).toMatchObject({ code: 0 });
    const file = await asyncBufferFromFile(path.join(directory, 'history.parquet'));
    const compressors = { ZSTD: (bytes: Uint8Array) => new Uint8Array(zstdDecompressSync(bytes)) };
    const rows = await parquetReadObjects({ file, compressors });
    const table: Contents = new Map();
    for (const { timestamp, metric, value, ...labels } of rows) {
      const series = seriesOf(String(metric), labels);
      const samples = table.get(series) ?? new Map<number, bigint>();
      samples.set((timestamp as Date).getTime(), bitsOf(Number(value)));
      table.set(series, samples);
    }
    expect(differences(asText(contents), table)).toEqual([]);
    expect(rows.length).toBe(countOf(contents));
  });

  it.skipIf('missing' in duckdb)('writes a Parquet table that DuckDB reads', async () => {
    if ('missing' in duckdb) throw new Error(duckdb.missing);
    const contents = withoutStaleMarkers(await filled('export for DuckDB'));
    const ran = await storage('export', '--from', 'from', '--output', 'history.parquet');
    expect(ran, ran.stderr).toMatchObject({ code: 0 });
    const query = `SELECT metric, epoch_ms(timestamp) AS at, value, * EXCLUDE (metric, timestamp, value) FROM '${directory}/history.parquet'`;
    const { DuckDBInstance } = (await import(duckdb.path)) as DuckDb;
    const connection = await (await DuckDBInstance.create()).connect();
    const table: Contents = new Map();
    for (const { metric, at, value, ...labels } of (await connection.runAndReadAll(query)).getRowObjects()) {
      const series = seriesOf(String(metric), labels);
      const samples = table.get(series) ?? new Map<number, bigint>();
      samples.set(Number(at), bitsOf(Number(value)));
      table.set(series, samples);
    }
    connection.closeSync();
    expect(differences(asText(contents), table)).toEqual([]);
  });

  it('says what is asked wrongly', async () => {
    const missing = await storage('export', '--from', 'nowhere', '--output', 'x.parquet');
    expect(missing).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('there is no telemetry in nowhere'),
    });
    const format = await storage('export', '--from', 'x', '--output', 'y', '--format', 'csv');
    expect(format).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('not one of: openmetrics, parquet'),
    });
  });
});

/** In the notation of Labels. */
function seriesOf(metric: string, labels: Readonly<Record<string, unknown>>): string {
  const list = Object.entries(labels)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return `${metric}{${list.join(', ')}}`;
}

/** Lines such as `{__name__="a", b="c"} 1 1700000000000`. */
function readDump(text: string): Contents {
  const contents: Contents = new Map();
  for (const line of text.split('\n')) {
    const [, name, labels, value = '', at] = /^\{__name__="(\w+)", (.*)\} (\S+) (\d+)$/.exec(line) ?? [];
    if (name === undefined) continue;
    const series = `${name}{${labels}}`;
    const samples = contents.get(series) ?? new Map<number, bigint>();
    const number = { '+Inf': Infinity, '-Inf': -Infinity }[value] ?? Number(value);
    samples.set(Number(at), bitsOf(number));
    contents.set(series, samples);
  }
  return contents;
}

async function run(program: string, args: readonly string[]): Promise<string> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const pieces: Buffer[] = [];
  child.stdout.on('data', (piece: Buffer) => pieces.push(piece));
  await once(child, 'close');
  expect(child.exitCode, `promtool ${args.join(' ')}`).toBe(0);
  return Buffer.concat(pieces).toString();
}
