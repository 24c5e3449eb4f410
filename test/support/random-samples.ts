import { Labels, type Matcher } from '@plimsoll/promql';
import { bitsOf, type ModelSample } from './long-term-model.ts';

/** Infinities, zeros, Prometheus' stale marker and its ordinary NaN, JavaScript's NaN, a NaN nobody uses, extremes. */
const SPECIAL_BITS: readonly bigint[] = [
  bitsOf(Infinity),
  bitsOf(-Infinity),
  bitsOf(-0),
  bitsOf(0),
  0x7ff0000000000002n,
  0x7ff8000000000001n,
  bitsOf(Number.NaN),
  0xfff8_1234_5678_9abcn,
  bitsOf(5e-324),
  bitsOf(Number.MAX_VALUE),
  bitsOf(1 / 3),
];

const FAMILIES: readonly { readonly metrics: readonly string[]; readonly label: string | null }[] = [
  {
    metrics: [
      'node_memory_Free',
      'node_memory_free',
      'node_memory_A',
      'node_memory_B',
      'node_memory_C',
      'node_memory_D',
    ],
    label: null,
  },
  { metrics: ['node_disk_r', 'node_disk_w', 'node_disk_io', 'node_disk_q', 'node_disk_t'], label: 'device' },
  {
    metrics: ['température.haute', 'température.basse', 'température.moyenne', 'température.℃'],
    label: 'salle d’eau',
  },
  { metrics: ['node_load1', 'node_load5', 'node_load15', 'node_forks'], label: null },
  { metrics: ['job:rate5m', 'ALERTS', 'select', 'ts'], label: 'TS' },
];

const DEVICES = [
  'sda',
  "o'brien",
  'a b,c=d',
  'back\\slash"quote',
  'neue\nzeile',
  'é😀',
  'null',
  ' ',
  'nul\0',
  '],["',
];

/** Seeded telemetry of some hosts, much of it awkward: odd names, rows with gaps, special values, times out of order. */
export class RandomSamples {
  readonly #random: () => number;
  readonly #baseMs: number;
  #step = 0;

  constructor(random: () => number, baseMs: number) {
    this.#random = random;
    this.#baseMs = baseMs;
  }

  /** One collection of every host: what has one label set has one time. */
  collection(): ModelSample[] {
    const samples: ModelSample[] = [];
    const step = this.#random() < 0.1 ? -Math.floor(this.#random() * 20_000) : this.#step++;
    for (const instance of ['h1:9100', 'h2:9100', 'h3']) {
      const timestampMs = this.#baseMs + step * 10_000 + Math.floor(this.#random() * 500);
      for (const { metrics, label } of FAMILIES) {
        const values = label === null ? [''] : DEVICES.filter(() => this.#random() < 0.4);
        for (const value of values) {
          const gaps = this.#random() < 0.2;
          for (const metric of metrics) {
            if (gaps && this.#random() < 0.3) continue;
            const labels = Labels.of({
              __name__: metric,
              instance,
              ...(label !== null && { [label]: value }),
            });
            samples.push({ labels, timestampMs, bits: this.#value() });
          }
        }
      }
    }
    return samples;
  }

  /** A matcher list that finds something, now and then nothing. */
  matchers(): Matcher[] {
    const metrics = FAMILIES.flatMap((family) => family.metrics);
    const matchers: Matcher[] = [];
    if (this.#random() < 0.7)
      matchers.push(
        this.#matcher('__name__', [...metrics, 'node_.*', 'node_(disk|load).+', '', 'temp.rature.*']),
      );
    if (this.#random() < 0.5)
      matchers.push(
        this.#matcher('instance', ['h1:9100', 'h3', 'h.*', 'h[12]:9100', 'h1:9100|h3', '', '.+']),
      );
    if (this.#random() < 0.5)
      matchers.push(
        this.#matcher('device', [
          ...DEVICES,
          '',
          '.*',
          's.*|',
          'sda|sdb',
          '.+\\n.+',
          'a.c.*',
          '(?i)SDA',
          'é.',
        ]),
      );
    if (this.#random() < 0.2) matchers.push(this.#matcher('TS', ['', 'sda', '.+']));
    return matchers;
  }

  pick<T>(list: readonly T[]): T {
    const picked = list[Math.floor(this.#random() * list.length)];
    if (picked === undefined) throw new Error('nothing to pick from');
    return picked;
  }

  number(below: number): number {
    return Math.floor(this.#random() * below);
  }

  chance(share: number): boolean {
    return this.#random() < share;
  }

  #matcher(name: string, values: readonly string[]): Matcher {
    const value = this.pick(values);
    const type = this.pick(['=', '!=', '=~', '!~', '=', '=~'] as const);
    // A literal is no pattern as it stands.
    const pattern = DEVICES.includes(value)
      ? value.replaceAll(/[\\[\](){}.*+?^$|]/g, String.raw`\$&`)
      : value;
    return { name, type, value: type === '=~' || type === '!~' ? pattern : value };
  }

  #value(): bigint {
    if (this.#random() < 0.03) return this.pick(SPECIAL_BITS);
    const value = this.#random() < 0.5 ? Math.floor(this.#random() * 10_000) / 100 : this.#random() * 1e12;
    return bitsOf(this.#random() < 0.3 ? Math.floor(value) : value);
  }
}
