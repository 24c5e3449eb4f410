import { expect, it } from 'vitest';
import { createEngine } from '../engine.ts';
import { Labels } from '../labels.ts';
import type { SeriesColumns } from '../queryable.ts';

it('gives queries that share an answer of the store what each asks for', async () => {
  const series: readonly SeriesColumns[] = [
    {
      labels: Labels.of({ __name__: 'load', host: 'a' }),
      timestamps: Float64Array.of(1000, 11_000),
      values: Float64Array.of(3, 5),
    },
    {
      labels: Labels.of({ __name__: 'load', host: 'b' }),
      timestamps: Float64Array.of(1000),
      values: Float64Array.of(7),
    },
  ];
  const queryable = { select: async () => series };
  const engine = createEngine();
  const ask = async (text: string, timeMs: number, lookbackMs?: number) => {
    const { value } = await engine.queryInstant({
      text,
      timeMs,
      queryable,
      ...(lookbackMs !== undefined && { lookbackMs }),
    });
    return value.type === 'vector' ? [...value.values] : value;
  };
  expect(await ask('load', 12_000)).toEqual([5, 7]);
  expect(await ask('-load', 12_000)).toEqual([-5, -7]);
  expect(await ask('load > 6', 12_000)).toEqual([7]);
  expect(await ask('sum(load) + sum(load)', 12_000)).toEqual([24]);
  expect(await ask('load', 12_000)).toEqual([5, 7]);
  expect(await ask('load', 9000)).toEqual([3, 7]);
  expect(await ask('load offset 3s', 12_000)).toEqual([3, 7]);
  expect(await ask('load', 12_000, 5000)).toEqual([5]);
});
