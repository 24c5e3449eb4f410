import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { startAgent } from './agent.ts';
import { readAgentFlags } from './flags.ts';
import { createLog } from './log.ts';
import { bringNodeExporter, type Brought } from './testing/bring-node-exporter.ts';

/** What the compared collectors write; other families of node_exporter are of collectors the agent has not. */
const COMPARED =
  /^node_(cpu_(?!frequency|scaling|vulnerab)|memory_|load\d|filesystem_|disk_|network_(receive|transmit)_(?!queue)|uname_|time_|boot_time|intr_|context_|forks_|procs_|vmstat_|pressure_|textfile_)/;
/** Numbers of one instant, which differ between two readings a millisecond apart. */
const MOMENTARY = /^node_(procs_|load|time_seconds|disk_io_now)/;
/** Reasons a series of node_exporter is not ours are in docs/node-exporter-differences.md. */
const DIFFERENT = /^node_disk_[a-z_]+\{device="zram/;

interface Page {
  readonly values: ReadonlyMap<string, number>;
  readonly metadata: ReadonlyMap<string, string>;
}

/** A page with labels that are empty, or newer than the oldest node_exporter compared with, taken out. */
function parsePage(text: string): Page {
  const values = new Map<string, number>();
  const metadata = new Map<string, string>();
  for (const line of text.split('\n')) {
    if (line.startsWith('# ')) {
      const [, kind = '', name = '', ...rest] = line.split(' ');
      metadata.set(`${kind} ${name}`, rest.join(' '));
    } else if (line !== '') {
      const space = line.lastIndexOf(' ');
      const series = line
        .slice(0, space)
        .replaceAll(/(device_error|rotational|[a-z_]+)="([^"]*)",?/g, (pair, name: string, value: string) =>
          value === '' || name === 'rotational' ? '' : pair,
        )
        .replace(/,\}$/, '}');
      values.set(series, Number(line.slice(space + 1)));
    }
  }
  return { values, metadata };
}

async function fetchPage(url: string): Promise<Page> {
  return parsePage(await (await fetch(url)).text());
}

/** Starts node_exporter on a port of its choosing and returns its address. */
async function startExporter(binary: string, textfiles: string): Promise<{ url: string } & Disposable> {
  const child = spawn(
    binary,
    ['--web.listen-address=127.0.0.1:0', `--collector.textfile.directory=${textfiles}`],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const lines = createInterface({ input: child.stderr });
  for await (const line of lines) {
    const [, address] = /address=(127\.0\.0\.1:\d+)/.exec(line) ?? [];
    if (address !== undefined) {
      child.stderr.resume();
      return { url: `http://${address}/metrics`, [Symbol.dispose]: () => void child.kill('SIGKILL') };
    }
  }
  throw new Error('node_exporter ended without an address');
}

const brought: Brought =
  process.platform === 'linux'
    ? await bringNodeExporter()
    : { missing: 'node_exporter is compared with on Linux' };
const binary = 'binary' in brought ? brought.binary : undefined;

describe('beside node_exporter on this host', () => {
  it.runIf(binary === undefined)('is compared where it can be brought', (context) => {
    const reason = 'missing' in brought ? brought.missing : '';
    expect(process.env['CI'], reason).not.toBe('true');
    context.skip(reason);
  });

  it.runIf(binary !== undefined)(
    'no series is missing, and values agree',
    async () => {
      const directory = mkdtempSync(path.join(tmpdir(), 'plimsoll-compare-'));
      const textfiles = path.join(directory, 'textfiles');
      mkdirSync(textfiles);
      writeFileSync(
        path.join(textfiles, 'job.prom'),
        '# HELP job_ok Ok.\n# TYPE job_ok gauge\njob_ok{a="b"} 1\n',
      );
      try {
        using exporter = await startExporter(binary ?? '', textfiles);
        await using agent = await startAgent(
          {
            ...readAgentFlags({}, '0.0.0'),
            collectorAddress: '127.0.0.1:1',
            collectIntervalMs: 100,
            spoolPath: path.join(directory, 'agent'),
            webListenAddress: '127.0.0.1:0',
            textfileDirectories: [textfiles],
          },
          createLog('error', () => undefined),
        );
        const before = await fetchPage(`${agent.url}/metrics`);
        const theirs = await fetchPage(exporter.url);
        const seenAt = Date.now();
        let after = before;
        do after = await fetchPage(`${agent.url}/metrics`);
        while ((after.values.get('node_time_seconds') ?? 0) * 1000 <= seenAt);
        expect(compared(theirs).length).toBeGreaterThan(100);
        expect(differences(before, theirs, after)).toEqual([]);
      } finally {
        rmSync(directory, { recursive: true });
      }
    },
    60_000,
  );
});

/** The series of node_exporter's page that we have to have too. */
function compared(theirs: Page): [string, number][] {
  return [...theirs.values].filter(
    ([series]) => (COMPARED.test(series) || series.startsWith('job_ok')) && !DIFFERENT.test(series),
  );
}

/** What node_exporter's page says that ours, read before and after it, does not. */
function differences(before: Page, theirs: Page, after: Page): string[] {
  const found: string[] = [];
  for (const [series, value] of compared(theirs)) {
    const first = before.values.get(series);
    const last = after.values.get(series);
    if (first === undefined || last === undefined) found.push(`missing: ${series} ${value}`);
    else if (!agrees(series, value, [first, last], theirs)) {
      found.push(`different: ${series} ${first} ${value} ${last}`);
    }
  }
  for (const [header, text] of theirs.metadata) {
    const ours = after.metadata.get(header);
    if (ours !== undefined && COMPARED.test(header.split(' ')[1] ?? '') && ours !== text) {
      found.push(`header: ${header} "${text}" "${ours}"`);
    }
  }
  return found;
}

/**
 * Counters lie between our two readings; gauges at most a hundredth outside, of their value or, as a part of the memory,
 * which other processes change at any time, of the machine's memory.
 */
function agrees(series: string, value: number, ours: readonly [number, number], theirs: Page): boolean {
  if (MOMENTARY.test(series)) return true;
  const isCounter = theirs.metadata.get(`TYPE ${series.replace(/\{.*/, '')}`) === 'counter';
  const whole = series.startsWith('node_memory_')
    ? (theirs.values.get('node_memory_MemTotal_bytes') ?? 0)
    : value;
  const slack = (isCounter ? 1e-9 : 0.01) * Math.abs(whole);
  return value >= Math.min(...ours) - slack && value <= Math.max(...ours) + slack;
}
