import {
  encodeWriteRequest,
  field,
  type SeriesToWrite,
  varint,
} from '../../../packages/collector/src/api/remote-write/testing/encode-write-request.ts';
import { type Program, startProgram } from '../../support/program.ts';
import { waitFor } from '../../support/wait-for.ts';
import { snappyOf } from '../differential/remote-write.ts';

export const START_SECONDS: number = Date.UTC(2026, 0, 31, 12, 0) / 1000;
export const STEP_SECONDS = 30;
const POINTS = 21;
export const END_SECONDS: number = START_SECONDS + (POINTS - 1) * STEP_SECONDS;

/** What each client must read back, to the last bit: every kind of value that JSON has no number for among them. */
const ODD = ['NaN', '+Inf', '-Inf', '0', '-0', '1e-300', '1.7976931348623157e+308', '0.30000000000000004'];

export interface KnownSeries {
  readonly metric: Readonly<Record<string, string>>;
  /** Times in seconds and values as Prometheus writes them. */
  readonly values: readonly (readonly [time: number, value: string])[];
}

/** In the order of their labels. */
export const KNOWN: readonly KnownSeries[] = [
  known({ __name__: 'odd_values', job: 'known' }, (i) => ODD[i % ODD.length] ?? ''),
  known({ __name__: 'requests_total', code: '200', instance: 'a', job: 'known' }, (i) => String(10 * i)),
  known({ __name__: 'requests_total', code: '500', instance: 'b', job: 'known' }, (i) => String(i)),
  known({ __name__: 'temperature_celsius', job: 'known', room: 'a "großer"\nRaum \\ 🌡' }, (i) =>
    String(20 + i / 4),
  ),
];

/** Those of one name. */
export function knownOf(name: string): readonly KnownSeries[] {
  return KNOWN.filter(({ metric }) => metric['__name__'] === name);
}

/** Help and type of one of them, as `/api/v1/metadata` answers them. */
export const METADATA = {
  requests_total: [{ type: 'counter', unit: '', help: 'Requests of the known job.' }],
};

export const RULES = `groups:
  - name: known
    interval: 1s
    rules:
      - {record: 'known:one', expr: vector(1), labels: {kind: recorded}}
      - alert: KnownFires
        expr: vector(2) > 1
        labels: {severity: warning}
        annotations: {summary: 'it is {{ $value }}'}
`;

/** Collector and agent with the known samples, a recorded series and a firing alert. */
export async function startWithKnownSamples(): Promise<Program> {
  const program = await startProgram({
    args: ['--agent.collect.interval', '1s'],
    config: 'shippedRules: false\nstorage: {retention: {time: 100y}}\nrule_files: [rules.yml]\n',
    files: { 'rules.yml': RULES },
  });
  try {
    await write(program.web);
    await waitFor('an agent and a firing alert', async () => {
      const agents = await (await fetch(`${program.web}/api/v1/query?query=up`)).text();
      const alerts = await (await fetch(`${program.web}/api/v1/alerts`)).text();
      return agents.includes('"1"') && alerts.includes('firing');
    });
  } catch (error) {
    await program[Symbol.asyncDispose]();
    throw error;
  }
  return program;
}

async function write(url: string): Promise<void> {
  const series: SeriesToWrite[] = KNOWN.map(({ metric, values }) => ({
    labels: Object.entries(metric),
    samples: values.map(([time, value]) => ({ timestampMs: time * 1000, value: numberOf(value) })),
  }));
  const metadata = Object.entries(METADATA).flatMap(([family, [first]]) => encodeMetadata(family, first));
  const response = await fetch(`${url}/api/v1/write`, {
    method: 'POST',
    body: snappyOf(Buffer.concat([encodeWriteRequest(series), ...metadata])),
  });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
}

/** `prometheus.MetricMetadata` of a counter, as a field of the request. */
function encodeMetadata(family: string, first: { readonly help: string } | undefined): Buffer {
  const counter = Buffer.concat([varint(1 * 8), varint(1)]);
  return field(
    3,
    Buffer.concat([counter, field(2, Buffer.from(family)), field(4, Buffer.from(first?.help ?? ''))]),
  );
}

function known(metric: Record<string, string>, valueAt: (i: number) => string): KnownSeries {
  const values = Array.from(
    { length: POINTS },
    (_, i) => [START_SECONDS + i * STEP_SECONDS, valueAt(i)] as const,
  );
  return { metric, values };
}

function numberOf(value: string): number {
  return Number(value.replace('Inf', 'Infinity'));
}
