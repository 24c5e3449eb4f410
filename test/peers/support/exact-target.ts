import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * Every kind of value, one a page, as Prometheus writes numbers. A negative zero is left out: Prometheus' senders lose
 * its sign.
 */
const VALUES = [
  '1.5',
  'NaN',
  '+Inf',
  '-Inf',
  '0',
  '0.30000000000000004',
  '1e-300',
  '1.7976931348623157e+308',
];

/** A scraped page whose samples carry their own times: what arrives elsewhere must be equal to them. */
export interface ExactTarget extends AsyncDisposable {
  readonly host: string;
  /** Times in seconds and values of `exact_value`, one for each page served so far. */
  readonly values: readonly (readonly [time: number, value: string])[];
  /** The same of the counter `exact_total`. */
  readonly totals: readonly (readonly [time: number, value: string])[];
}

export const EXACT_LABEL = 'a "großer"\nRaum \\ 🌡';

/** On how many pages `exact_brief`, which carries no times, is found. */
const BRIEF_PAGES = 2;

/** `always` is on every page as it is. */
export async function startExactTarget(always = ''): Promise<ExactTarget> {
  const values: [number, string][] = [];
  const totals: [number, string][] = [];
  const server = createServer((_, response) => {
    const timeMs = Math.max(Date.now(), 1 + 1000 * (totals.at(-1)?.[0] ?? 0));
    const page = totals.length;
    values.push([timeMs / 1000, VALUES[page % VALUES.length] ?? '']);
    totals.push([timeMs / 1000, String(page * 1.5)]);
    response.setHeader('content-type', 'text/plain; version=0.0.4');
    response.end(`# HELP exact_value One value of every kind.
# TYPE exact_value gauge
exact_value{label=${JSON.stringify(EXACT_LABEL)}} ${values.at(-1)?.[1]} ${timeMs}
# HELP exact_total Half as much again for each page.
# TYPE exact_total counter
exact_total ${totals.at(-1)?.[1]} ${timeMs}
${page < BRIEF_PAGES ? 'exact_brief 1\n' : ''}${always}`);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    values,
    totals,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
