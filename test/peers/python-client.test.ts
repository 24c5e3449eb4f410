import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Program } from '../support/program.ts';
import { pythonPackages, runPython } from '../support/python.ts';
import {
  END_SECONDS,
  KNOWN,
  knownOf,
  type KnownSeries,
  METADATA,
  START_SECONDS,
  startWithKnownSamples,
} from './support/known-samples.ts';

const folder = path.join(import.meta.dirname, 'python-client');
const packages = await pythonPackages(path.join(folder, 'requirements.txt'));

describe.skipIf('missing' in packages)('prometheus-api-client of PyPI', () => {
  let program: Program;
  beforeAll(async () => {
    program = await startWithKnownSamples();
  });
  afterAll(async () => program[Symbol.asyncDispose]());

  it.each(['GET', 'POST'])('reads what is known by %s', async (method) => {
    if ('missing' in packages) throw new Error(packages.missing);
    const script = path.join(folder, 'ask.py');
    const printed = await runPython(packages.path, [
      script,
      program.web,
      method,
      String(START_SECONDS),
      String(END_SECONDS),
    ]);
    const temperature = knownOf('temperature_celsius');
    const degrees = temperature.flatMap((one) => one.values.map(([, value]) => Number(value)));
    const [first] = knownOf('requests_total');
    if (first === undefined) throw new Error('nothing is known');

    expect(JSON.parse(printed)).toEqual({
      connected: true,
      all: ['odd_values', 'requests_total', 'temperature_celsius'],
      labelNames: ['__name__', 'code', 'instance', 'job', 'room'],
      labelValues: ['a', 'b'],
      series: KNOWN.map(({ metric }) => metric),
      current: latest(knownOf('requests_total')),
      query: latest(KNOWN),
      raw: KNOWN,
      queryRange: KNOWN,
      ranged: temperature,
      // Windows of five minutes without their starts.
      chunks: [1, 11].map((from) => ({
        metric: first.metric,
        values: first.values.slice(from, from + 10),
      })),
      merged: [20],
      frame: [times(temperature), degrees],
      snapshot: [
        ['200', 200],
        ['500', 20],
      ],
      aggregation: { max: 25, average: 22.5 },
      scrapePools: ['node'],
      targets: expect.objectContaining({ activeTargets: [expect.objectContaining({ health: 'up' })] }),
      targetMetadata: [],
      metadata: [{ metric_name: 'requests_total', ...METADATA.requests_total[0] }],
      wrong: expect.stringMatching(/HTTP Status Code 400 .*parse error: unclosed left parenthesis/),
    });
  });
});

function latest(series: readonly KnownSeries[]) {
  return series.map(({ metric, values }) => ({ metric, value: values.at(-1) }));
}

function times(series: readonly KnownSeries[]): number[] {
  return series.flatMap(({ values }) => values.map(([time]) => time));
}
