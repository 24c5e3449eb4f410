import { describe, expect, it } from 'vitest';
import { createEngine } from '../engine.ts';
import { type MemorySample, MemoryStorage } from '../memory-storage.ts';
import { FUNCTION_SIGNATURES } from '../syntax/function-signatures.ts';
import { parseSeriesDescription } from '../syntax/series-description.ts';

/** One sample each 10 s from the epoch on; queries look at second 60. */
const SERIES = [
  'work_total{host="a"} 0 10 20 30 40 50 60',
  'work_total{host="b"} 0 5 10 0 5 10 15',
  'load{host="a"} 1 4 2 8 5 7 3',
  'load{host="b"} -1 NaN 2.5 -2.5 2.5 _ 0.25',
  'only{host="a",zone="z1"} 3 3 3 3 3 3 9',
  'd_bucket{le="1"} 0+1x6',
  'd_bucket{le="2"} 0+3x6',
  'd_bucket{le="+Inf"} 0+4x6',
  'n {{schema:0 count:4 sum:10 buckets:[1 2 1]}}x6',
  'target_info{host="a",instance="i",job="j",os="linux"} 1x6',
  'app{instance="i",job="j"} 5x6',
];

const storage = new MemoryStorage();
for (const line of SERIES) {
  const { labels, values } = parseSeriesDescription(line);
  const samples = values.flatMap((value, index): MemorySample[] => {
    if (value.kind === 'float') return [{ timeMs: index * 10_000, value: value.value }];
    return value.kind === 'histogram' ? [{ timeMs: index * 10_000, value: value.histogram }] : [];
  });
  storage.append(labels, samples);
}
const engine = createEngine({ experimentalFunctions: true, startTimestamps: true });

async function evaluate(text: string): Promise<unknown> {
  const { value } = await engine.queryInstant({ text, timeMs: 60_000, queryable: storage });
  if (value.type === 'scalar' || value.type === 'string') return value.value;
  if (value.type === 'matrix') throw new Error('a matrix');
  const entries = value.labels.map((labels, index) => {
    const histogram = value.histograms?.[index];
    return [
      labels.toString(),
      histogram ? histogram.toString() : Number((value.values[index] ?? 0).toPrecision(6)),
    ];
  });
  return Object.fromEntries(entries);
}

/** A case for every function; `a` stands for the only series of host a. */
const CASES: Readonly<Record<string, readonly (readonly [query: string, result: unknown])[]>> = {
  abs: [['abs(load{host="b"} * -1)', { '{host="b"}': 0.25 }]],
  absent: [
    ['absent(load{host="c"})', { '{host="c"}': 1 }],
    ['absent(load)', {}],
  ],
  absent_over_time: [['absent_over_time(load{host="c"}[1m])', { '{host="c"}': 1 }]],
  acos: [['acos(vector(1))', { '{}': 0 }]],
  acosh: [['acosh(vector(1))', { '{}': 0 }]],
  asin: [['asin(vector(1))', { '{}': 1.5708 }]],
  asinh: [['asinh(vector(0))', { '{}': 0 }]],
  atan: [['atan(vector(1))', { '{}': 0.785398 }]],
  atanh: [['atanh(vector(0))', { '{}': 0 }]],
  avg_over_time: [['avg_over_time(load{host="a"}[1m])', { '{host="a"}': 4.83333 }]],
  ceil: [['ceil(load{host="b"})', { '{host="b"}': 1 }]],
  changes: [['changes(only[1m])', { '{host="a", zone="z1"}': 1 }]],
  clamp: [
    ['clamp(load{host="a"}, 4, 5)', { '{host="a"}': 4 }],
    ['clamp(load, 5, 4)', {}],
    ['clamp(vector(1), Inf, NaN)', { '{}': Infinity }],
  ],
  clamp_max: [
    ['clamp_max(load{host="a"}, 2)', { '{host="a"}': 2 }],
    ['clamp_max(vector(-Inf), NaN)', { '{}': -Infinity }],
    ['clamp_max(vector(1), NaN)', { '{}': Number.NaN }],
  ],
  clamp_min: [['clamp_min(load{host="a"}, 4)', { '{host="a"}': 4 }]],
  cos: [['cos(vector(0))', { '{}': 1 }]],
  cosh: [['cosh(vector(0))', { '{}': 1 }]],
  count_over_time: [['count_over_time(load[1m])', { '{host="a"}': 6, '{host="b"}': 5 }]],
  day_of_month: [['day_of_month()', { '{}': 1 }]],
  day_of_week: [['day_of_week()', { '{}': 4 }]],
  day_of_year: [['day_of_year(vector(86400 * 40))', { '{}': 41 }]],
  days_in_month: [['days_in_month()', { '{}': 31 }]],
  deg: [['deg(vector(pi()))', { '{}': 180 }]],
  delta: [['delta(load{host="a"}[1m])', { '{host="a"}': -1.2 }]],
  deriv: [['deriv(work_total{host="a"}[1m])', { '{host="a"}': 1 }]],
  double_exponential_smoothing: [
    ['double_exponential_smoothing(work_total{host="a"}[1m], 0.5, 0.5)', { '{host="a"}': 60 }],
  ],
  end: [['end()', 60]],
  exp: [['exp(vector(0))', { '{}': 1 }]],
  first_over_time: [['first_over_time(load{host="a"}[1m])', { 'load{host="a"}': 4 }]],
  floor: [['floor(load{host="b"})', { '{host="b"}': 0 }]],
  histogram_avg: [['histogram_avg(n)', { '{}': 2.5 }]],
  histogram_count: [['histogram_count(n)', { '{}': 4 }]],
  histogram_fraction: [
    ['histogram_fraction(0, 1, d_bucket)', { '{}': 0.25 }],
    ['histogram_fraction(1, 2, n)', { '{}': 0.5 }],
  ],
  histogram_quantile: [
    ['histogram_quantile(0.5, d_bucket)', { '{}': 1.5 }],
    ['histogram_quantile(0.25, n)', { '{}': 1 }],
  ],
  histogram_quantiles: [['histogram_quantiles(d_bucket, "q", 0.5, 1)', { '{q="0.5"}': 1.5, '{q="1.0"}': 2 }]],
  histogram_stddev: [['histogram_stddev(n)', { '{}': 1.19166 }]],
  histogram_stdvar: [['histogram_stdvar(n)', { '{}': 1.42005 }]],
  histogram_sum: [['histogram_sum(n)', { '{}': 10 }]],
  hour: [['hour(vector(7300))', { '{}': 2 }]],
  idelta: [['idelta(load{host="a"}[1m])', { '{host="a"}': -4 }]],
  increase: [['increase(work_total[1m])', { '{host="a"}': 60, '{host="b"}': 24 }]],
  info: [['info(app)', { 'app{host="a", instance="i", job="j", os="linux"}': 5 }]],
  integral: [
    ['integral(work_total{host="a"}[1m], 0)', { '{host="a"}': 1500 }],
    ['integral(work_total{host="a"}[1m])', { '{host="a"}': 1750 }],
  ],
  irate: [['irate(work_total[1m])', { '{host="a"}': 1, '{host="b"}': 0.5 }]],
  label_join: [['label_join(only, "j", "-", "host", "zone")', { 'only{host="a", j="a-z1", zone="z1"}': 9 }]],
  label_replace: [
    ['label_replace(only, "h", "${1}x$$", "host", "(.*)")', { 'only{h="ax$", host="a", zone="z1"}': 9 }],
  ],
  last_over_time: [['last_over_time(load{host="a"}[1m])', { 'load{host="a"}': 3 }]],
  ln: [['ln(vector(1))', { '{}': 0 }]],
  log10: [['log10(vector(1000))', { '{}': 3 }]],
  log2: [['log2(vector(8))', { '{}': 3 }]],
  mad_over_time: [['mad_over_time(load{host="a"}[1m])', { '{host="a"}': 2 }]],
  max_of: [['max_of(1, 2)', 2]],
  max_over_time: [['max_over_time(load[1m])', { '{host="a"}': 8, '{host="b"}': 2.5 }]],
  min_of: [['min_of(1, 2)', 1]],
  min_over_time: [['min_over_time(load[1m])', { '{host="a"}': 2, '{host="b"}': -2.5 }]],
  minute: [['minute()', { '{}': 1 }]],
  month: [['month()', { '{}': 1 }]],
  pi: [['pi() > bool 3', 1]],
  predict_linear: [['predict_linear(work_total{host="a"}[1m], 40)', { '{host="a"}': 100 }]],
  present_over_time: [['present_over_time(only[1m])', { '{host="a", zone="z1"}': 1 }]],
  quantile_over_time: [['quantile_over_time(0.5, load{host="a"}[1m])', { '{host="a"}': 4.5 }]],
  rad: [['rad(vector(90))', { '{}': 1.5708 }]],
  range: [['range()', 0]],
  rate: [['rate(work_total[1m])', { '{host="a"}': 1, '{host="b"}': 0.4 }]],
  resets: [['resets(work_total[1m])', { '{host="a"}': 0, '{host="b"}': 1 }]],
  round: [['round(load{host="b"}, 0.5)', { '{host="b"}': 0.5 }]],
  scalar: [
    ['scalar(only)', 9],
    ['scalar(load)', Number.NaN],
  ],
  sgn: [['sgn(load{host="b"} * -1)', { '{host="b"}': -1 }]],
  sin: [['sin(vector(0))', { '{}': 0 }]],
  sinh: [['sinh(vector(0))', { '{}': 0 }]],
  sort: [['sort(load)', { 'load{host="b"}': 0.25, 'load{host="a"}': 3 }]],
  sort_by_label: [['sort_by_label(load, "host")', { 'load{host="a"}': 3, 'load{host="b"}': 0.25 }]],
  sort_by_label_desc: [['sort_by_label_desc(load, "host")', { 'load{host="b"}': 0.25, 'load{host="a"}': 3 }]],
  sort_desc: [['sort_desc(load)', { 'load{host="a"}': 3, 'load{host="b"}': 0.25 }]],
  sqrt: [['sqrt(only)', { '{host="a", zone="z1"}': 3 }]],
  start: [['start()', 60]],
  start_timestamp: [['start_timestamp(only)', { '{host="a", zone="z1"}': 0 }]],
  stddev_over_time: [['stddev_over_time(load{host="a"}[1m])', { '{host="a"}': 2.11476 }]],
  stdvar_over_time: [['stdvar_over_time(load{host="a"}[1m])', { '{host="a"}': 4.47222 }]],
  step: [['step()', 0]],
  sum_over_time: [['sum_over_time(load{host="a"}[1m])', { '{host="a"}': 29 }]],
  tan: [['tan(vector(0))', { '{}': 0 }]],
  tanh: [['tanh(vector(0))', { '{}': 0 }]],
  time: [['time()', 60]],
  timestamp: [['timestamp(load{host="a"} offset 15s)', { '{host="a"}': 40 }]],
  ts_of_first_over_time: [['ts_of_first_over_time(load{host="a"}[1m])', { '{host="a"}': 10 }]],
  ts_of_last_over_time: [['ts_of_last_over_time(load{host="b"}[15s])', { '{host="b"}': 60 }]],
  ts_of_max_over_time: [['ts_of_max_over_time(load{host="a"}[1m])', { '{host="a"}': 30 }]],
  ts_of_min_over_time: [['ts_of_min_over_time(load{host="a"}[1m])', { '{host="a"}': 20 }]],
  vector: [['vector(2)', { '{}': 2 }]],
  year: [['year()', { '{}': 1970 }]],
};

describe('functions', () => {
  it('all have a case here', () => {
    expect(Object.keys(CASES).sort()).toEqual([...FUNCTION_SIGNATURES.keys()].sort());
  });

  it.each(Object.values(CASES).flat())('%s', async (query, result) => {
    const actual = await evaluate(query);
    expect(actual).toEqual(result);
    if (typeof result === 'object' && result) expect(Object.keys(actual ?? {})).toEqual(Object.keys(result));
  });
});
