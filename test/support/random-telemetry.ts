import path from 'node:path';
import { writeStaleMarker } from '@plimsoll/proto';
import { Labels } from '@plimsoll/promql';
import { newRuntime } from '../../packages/cli/src/storage-runtime.ts';
import { openEmbeddedStore } from '../../packages/collector/src/telemetry/embedded/open-embedded-store.ts';
import type { TelemetryStore } from '../../packages/collector/src/telemetry/store.ts';

/** Samples by series in its notation, then by time in milliseconds; values as the 64 bits they have. */
export type Contents = Map<string, Map<number, bigint>>;

export interface TelemetryPlan {
  readonly series: number;
  readonly startMs: number;
  readonly endMs: number;
  /** Usual time between samples. */
  readonly stepMs: number;
  /** Whether values that text cannot hold may occur, and labels with any character. */
  readonly isWild: boolean;
}

const ODD_VALUES = [0, -0, Infinity, -Infinity, Number.NaN, 5e-324, -1.797e308, 0.1, 1e15 + 0.3];
const ODD_LABELS = [
  'plain',
  'with "quotes"',
  String.raw`back\slash`,
  'two\nlines',
  'ümläut ☃',
  '{a="b"}',
  '',
];

/** Fills a store below a storage path with seeded samples, half as frames of agents; answers what it holds. */
export async function fillStore(
  storagePath: string,
  plan: TelemetryPlan,
  random: () => number,
): Promise<Contents> {
  const labels = Array.from({ length: plan.series }, (_, i) =>
    Labels.of({
      __name__: `${['disk_bytes', 'requests_total', 'load'][i % 3]}`,
      instance: `host-${i % 7}`,
      number: String(i),
      ...(plan.isWild ? { note: ODD_LABELS[i % ODD_LABELS.length] ?? '' } : {}),
    }),
  );
  await using store = await openAt(storagePath);
  store.setMetadata([
    { family: 'requests_total', type: 'counter', help: 'Requests, with a \\ and a\nline.', unit: '' },
    { family: 'disk_bytes', type: 'gauge', help: 'Bytes.', unit: 'bytes' },
  ]);
  const refs = store.internSeries(labels);
  const half = Math.floor(plan.series / 2);
  const framed = refs.slice(0, half);
  const loose = refs.slice(half);
  let sequence = 0;
  let durable: Promise<void> = Promise.resolve();
  for (let atMs = plan.startMs; atMs <= plan.endMs; atMs += 1 + Math.floor(random() * 2 * plan.stepMs)) {
    const values = randomValues(plan, framed.length, atMs, random);
    const frame = { agentId: 'a', epoch: 1, sequence: ++sequence, timestampMs: atMs, backfill: false };
    durable = store.appendFrame({ ...frame, refs: framed, values }).durable;
    const timestampsMs = new Float64Array(loose.length).fill(atMs);
    const others = randomValues(plan, loose.length, atMs, random);
    store.appendSamples({ refs: loose, timestampsMs, values: others });
    if (sequence % 100 === 0) await durable;
  }
  await durable;
  await store.compact();
  return await contentsOf(store);
}

function randomValues(
  { isWild }: TelemetryPlan,
  count: number,
  atMs: number,
  random: () => number,
): Float64Array {
  const values = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const dice = random();
    if (isWild && dice < 0.02) writeStaleMarker(values, i);
    else if (isWild && dice < 0.1) values[i] = ODD_VALUES[Math.floor(random() * ODD_VALUES.length)] ?? 0;
    else values[i] = i % 2 === 0 ? Math.floor(atMs / 1000) * (i + 1) : random() * 1000;
  }
  return values;
}

/** What a store that no process has open holds. */
export async function readStore(storagePath: string): Promise<Contents> {
  await using store = await openAt(storagePath);
  return await contentsOf(store);
}

async function openAt(storagePath: string) {
  return openEmbeddedStore({
    path: path.join(storagePath, 'telemetry'),
    runtime: newRuntime(),
    options: { commitIntervalMs: 2, retentionTimeMs: Infinity },
  });
}

async function contentsOf(store: TelemetryStore): Promise<Contents> {
  const found = await store.select({ matchers: [], startMs: 0, endMs: Date.now() + 86_400_000 });
  return new Map(
    found.map(({ labels, timestamps, values }) => {
      const bits = new BigUint64Array(values.slice().buffer);
      return [labels.toString(), new Map(Array.from(timestamps, (at, i) => [at, bits[i] ?? 0n]))];
    }),
  );
}

/** The first few differences between two contents, in words. */
export function differences(expected: Contents, actual: Contents): string[] {
  const found: string[] = [];
  for (const [series, samples] of expected) {
    const others = actual.get(series) ?? new Map<number, bigint>();
    for (const [at, bits] of samples) {
      const other = others.get(at);
      if (other !== bits)
        found.push(`${series} at ${at}: ${bits.toString(16)}, not ${other?.toString(16) ?? 'none'}`);
    }
    for (const at of others.keys()) if (!samples.has(at)) found.push(`${series} has one more at ${at}`);
  }
  for (const series of actual.keys()) if (!expected.has(series)) found.push(`${series} is there too`);
  return found.slice(0, 10);
}

/** How many samples there are. */
export function countOf(contents: Contents): number {
  return [...contents.values()].reduce((sum, samples) => sum + samples.size, 0);
}
