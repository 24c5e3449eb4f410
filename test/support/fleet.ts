import { type Log, MemoryFrames, type NewFrame } from '@plimsoll/agent';
import { type Fleet, startFleet } from '../../packages/cli/src/fleet/start-fleet.ts';

const silent: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** What one simulated host has made and what of it the collector has acknowledged. */
export class Ledger extends MemoryFrames {
  /** First slot's value by timestamp in milliseconds, for every frame made. */
  readonly made = new Map<number, number>();
  readonly acknowledged = new Set<number>();
  readonly #timestamps = new Map<number, number>();

  constructor() {
    super(10_000);
  }

  override append(frame: NewFrame): void {
    const [value] = new Float64Array(frame.values.slice(0, 8).buffer);
    this.made.set(frame.timestampMs, value ?? Number.NaN);
    this.#timestamps.set(frame.sequence, frame.timestampMs);
    super.append(frame);
  }

  override settle(epoch: number, first: number, last: number): void {
    for (let sequence = first; sequence <= last; sequence++) {
      const timestampMs = this.#timestamps.get(sequence);
      if (timestampMs !== undefined) this.acknowledged.add(timestampMs);
    }
    super.settle(epoch, first, last);
  }
}

/** A fleet whose every frame is written down, with what became of it. */
export function startRecordedFleet(options: {
  address: string;
  hosts: number;
  intervalMs: number;
  seed: number;
}): { fleet: Fleet; ledgers: Map<string, Ledger> } {
  const ledgers = new Map<string, Ledger>();
  const fleet = startFleet({
    ...options,
    series: 30,
    prefix: 'sim',
    log: silent,
    makeFrames: (instance) => {
      const ledger = new Ledger();
      ledgers.set(instance, ledger);
      return ledger;
    },
  });
  return { fleet, ledgers };
}
