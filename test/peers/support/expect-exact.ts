import { expect } from 'vitest';
import { getJson } from '../../support/program.ts';
import { waitFor } from '../../support/wait-for.ts';
import { EXACT_LABEL, type ExactTarget } from './exact-target.ts';

interface Matrix {
  readonly data: {
    readonly result: readonly {
      readonly metric: Readonly<Record<string, string>>;
      readonly values: readonly (readonly [number, string])[];
    }[];
  };
}

/** Every sample of the newest minutes that a query's selector finds. */
export async function rawSamples(url: string, selector: string, at = Date.now() / 1000 + 60) {
  const query = new URLSearchParams({ query: `${selector}[1h]`, time: String(at) });
  const { data } = await getJson<Matrix>(`${url}/api/v1/query?${query.toString()}`);
  return data.result;
}

/**
 * Waits until a collector has a sample of each kind of the target's, sent by a scraper with the labels given, and
 * expects all so far to be those that the target served, from the first one on.
 */
export async function expectExact(
  url: string,
  target: ExactTarget,
  labels: Readonly<Record<string, string>>,
): Promise<void> {
  const selector = `{__name__=~"exact_(value|total)",instance="${target.host}"}`;
  const found = await waitFor(
    'eight samples of each series',
    async () => {
      const series = await rawSamples(url, selector);
      return series.length === 2 && series.every(({ values }) => values.length >= 8) && series;
    },
    40_000,
  );
  const [totals, values] = found;
  const own = { instance: target.host, ...labels };
  expect(totals?.metric).toEqual({ __name__: 'exact_total', ...own });
  expect(values?.metric).toEqual({ __name__: 'exact_value', label: EXACT_LABEL, ...own });
  expect(totals?.values).toEqual(target.totals.slice(0, totals?.values.length));
  expect(values?.values).toEqual(target.values.slice(0, values?.values.length));
  // The series that left the page has ended, although its last sample is seconds old.
  expect(await rawSamples(url, `exact_brief{instance="${target.host}"}`)).toHaveLength(1);
  const now = await getJson<Matrix>(
    `${url}/api/v1/query?query=${encodeURIComponent(`exact_brief{instance="${target.host}"}`)}`,
  );
  expect(now.data.result).toEqual([]);
}
