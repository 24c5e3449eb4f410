import type { Random } from './random.ts';

/** The metrics queries are made of. */
export const METRICS = [
  'reqs_total',
  'mem',
  'temp',
  'lat_bucket',
  'flag',
  'hist',
  'nhcb',
  'mixed',
  'hg',
] as const;
export type Metric = (typeof METRICS)[number];

const NATIVE: ReadonlySet<string> = new Set(['hist', 'nhcb', 'mixed', 'hg']);
const SAMPLES = 40;

/** A `load` block with series of every metric: gaps, stale markers, resets and odd values among them. */
export function generateLoad(random: Random): string {
  const lines = ['load 30s'];
  for (const metric of METRICS) {
    for (const job of ['a', 'b'])
      for (const inst of ['1', '2', '3']) lines.push(...generateSeries(metric, job, inst, random));
  }
  return lines.join('\n');
}

function generateSeries(metric: Metric, job: string, inst: string, random: Random): string[] {
  if (random.chance(0.15)) return [];
  const env = random.chance(0.3) ? `,env="${random.pick(['x', 'y'])}"` : '';
  const bounds = metric === 'lat_bucket' ? ['0.1', '0.5', '1', '+Inf'] : [''];
  return bounds.map((le) => {
    const values = NATIVE.has(metric) ? histogramValues(metric, random) : floatValues(metric, random);
    return `  ${metric}{job="${job}",inst="${inst}"${env}${le && `,le="${le}"`}} ${values.join(' ')}`;
  });
}

function floatValues(metric: Metric, random: Random): string[] {
  let counter = random.whole(0, 50);
  return Array.from({ length: SAMPLES }, () => {
    const kind = random.next();
    if (kind < 0.05) return '_';
    if (kind < 0.07) return 'stale';
    if (metric === 'reqs_total' || metric === 'lat_bucket') {
      counter = (random.chance(0.06) ? random.whole(0, 5) : counter) + random.whole(0, 20);
      return String(counter);
    }
    if (kind < 0.09) return random.pick(['NaN', 'Inf', '-Inf']);
    if (metric === 'flag') return String(random.whole(0, 2));
    return String(Math.round((random.next() * 200 - 100) * 1000) / 1000);
  });
}

interface HistogramState {
  readonly buckets: number[];
  schema: number;
  readonly zeroWidth: string;
  readonly bounds: string;
}

function histogramValues(metric: Metric, random: Random): string[] {
  const state: HistogramState = {
    buckets: [0, 0, 0],
    schema: random.whole(-1, 2),
    zeroWidth: random.pick(['0.001', '0.001', '0.01']),
    bounds: random.pick(['1 5', '1 5', '2 5']),
  };
  return Array.from({ length: SAMPLES }, () => {
    const kind = random.next();
    if (kind < 0.05) return '_';
    if (kind < 0.07) return 'stale';
    if (metric === 'mixed' && kind < 0.4) return String(random.whole(0, 9));
    if (kind > 0.985) state.schema = random.whole(-1, 2);
    return histogramLiteral(metric, state, random);
  });
}

function histogramLiteral(metric: Metric, state: HistogramState, random: Random): string {
  const { buckets, schema, zeroWidth, bounds } = state;
  if (random.chance(0.08)) buckets.fill(0);
  for (const at of buckets.keys()) buckets[at] = (buckets[at] ?? 0) + random.whole(0, 4);
  const count = buckets.reduce((a, b) => a + b, 0);
  const shared = `count:${count} sum:${count * 2} buckets:[${buckets.join(' ')}]`;
  if (metric === 'nhcb') return `{{schema:-53 ${shared} custom_values:[${bounds}]}}`;
  const hint = metric === 'hg' ? ' counter_reset_hint:gauge' : '';
  return `{{schema:${schema} ${shared} z_bucket_w:${zeroWidth}${hint}}}`;
}
