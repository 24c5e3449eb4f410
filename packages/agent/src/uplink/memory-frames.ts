import type { NewFrame } from '../frame/framer.ts';
import type { FrameSource, KeptFrame } from './frame-source.ts';

interface Entry {
  readonly frame: KeptFrame;
  inFlight: boolean;
}

/** Frames kept in memory only, for simulated hosts: at the limit the oldest goes. */
export class MemoryFrames implements FrameSource {
  readonly #limit: number;
  #entries: Entry[] = [];
  #dropped = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Frames dropped at the limit. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Frames not settled yet. */
  get size(): number {
    return this.#entries.length;
  }

  append(frame: NewFrame): void {
    const dictionary = frame.dictionary();
    this.#entries.push({ frame: { ...frame, dictionary: () => dictionary }, inFlight: false });
    if (this.#entries.length <= this.#limit) return;
    this.#entries.shift();
    this.#dropped++;
  }

  take(limit: number): readonly KeptFrame[] {
    const taken = this.#entries.filter((entry) => !entry.inFlight).slice(0, limit);
    for (const entry of taken) entry.inFlight = true;
    return taken.map((entry) => entry.frame);
  }

  claim(epoch: number, sequence: number): void {
    const entry = this.#entries.findLast(({ frame }) => frame.epoch === epoch && frame.sequence === sequence);
    if (entry !== undefined) entry.inFlight = true;
  }

  settle(epoch: number, first: number, last: number): void {
    this.#entries = this.#entries.filter(
      ({ frame }) => frame.epoch !== epoch || frame.sequence < first || frame.sequence > last,
    );
  }

  rewind(): void {
    for (const entry of this.#entries) entry.inFlight = false;
  }
}
