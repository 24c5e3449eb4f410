import type { Ledger } from './fleet.ts';
import { getJson, type Program } from './program.ts';
import { waitFor } from './wait-for.ts';

/** Samples of `node_load1`, the first slot of each simulated host, by instance. */
export type StoredSamples = ReadonlyMap<string, readonly (readonly [atMs: number, value: number])[]>;

type Ledgers = ReadonlyMap<string, Ledger>;

interface Matrix {
  readonly data: {
    readonly result: readonly {
      readonly metric: Readonly<Record<string, string>>;
      readonly values: readonly (readonly [seconds: number, value: string])[];
    }[];
  };
}

/** As a server with Prometheus' API below this address answers. */
export async function storedSamples(base: string): Promise<StoredSamples> {
  const query = encodeURIComponent('node_load1[1h]');
  const { data } = await getJson<Matrix>(`${base}/api/v1/query?query=${query}`);
  return new Map(
    data.result.map(({ metric, values }) => [
      metric['instance'] ?? '',
      values.map(([seconds, value]) => [Math.round(seconds * 1000), Number(value)] as const),
    ]),
  );
}

/** What is acknowledged by now, by instance. */
export function acknowledgedSince(ledgers: Ledgers, sinceMs = 0): Map<string, readonly number[]> {
  return new Map(
    Array.from(ledgers, ([instance, { acknowledged }]) => [
      instance,
      [...acknowledged].filter((at) => at >= sinceMs),
    ]),
  );
}

/** What is wrong of what was acknowledged: lost, changed by more than a share of it, doubled or never sent. */
export function differences(
  ledgers: Ledgers,
  acknowledged: ReadonlyMap<string, readonly number[]>,
  found: StoredSamples,
  tolerance = 0,
): string[] {
  const wrong: string[] = [];
  for (const [instance, { made }] of ledgers) {
    const samples = found.get(instance) ?? [];
    const have = new Map(samples);
    if (have.size !== samples.length) wrong.push(`${instance} has a time twice`);
    for (const at of acknowledged.get(instance) ?? []) {
      const value = made.get(at) ?? Number.NaN;
      const error = Math.abs((have.get(at) ?? Number.NaN) - value);
      if (!(error <= Math.abs(value) * tolerance)) wrong.push(`${instance} lost or changed ${at}`);
    }
    for (const at of have.keys()) if (!made.has(at)) wrong.push(`${instance} has ${at}, never sent`);
  }
  return wrong;
}

/** Waits until a server that is forwarded to has everything that was acknowledged until now, and fails with what is wrong. */
export async function waitUntilStored(parts: {
  readonly ledgers: Ledgers;
  readonly read: () => Promise<StoredSamples>;
  readonly program: Pick<Program, 'output'>;
  readonly sinceMs?: number;
  readonly tolerance?: number;
}): Promise<void> {
  const { ledgers, read, program, sinceMs, tolerance } = parts;
  const acknowledged = acknowledgedSince(ledgers, sinceMs);
  let wrong: string[] = ['not asked yet'];
  await waitFor(
    'the server to have all that was acknowledged',
    async () => (wrong = differences(ledgers, acknowledged, await read(), tolerance)).length === 0,
    60_000,
  ).catch((error: unknown) => {
    const logged = program.output().slice(-2000);
    throw new Error(`${wrong.length} differences: ${wrong.slice(0, 5).join('; ')}\n${logged}`, {
      cause: error,
    });
  });
}
