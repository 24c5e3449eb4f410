import type { TransferStep } from '@plimsoll/collector';
import { durationText } from './words.ts';

/** Progress is shown once something takes longer than this, and this often. */
const SHOW_AFTER_MS = 2_000;
const SHOW_EVERY_MS = 500;

interface Terminal {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Shows how far a transfer is, on a terminal, in one line that it overwrites. */
export class TransferProgress {
  readonly #terminal: Terminal;
  readonly #now: () => number;
  #name = '';
  #begunMs = 0;
  #begunAt: TransferStep | undefined;
  #shownMs = 0;
  #isShown = false;

  constructor(terminal: Terminal, now: () => number = () => performance.now()) {
    this.#terminal = terminal;
    this.#now = now;
  }

  show(step: TransferStep): void {
    if (this.#terminal.isTTY !== true) return;
    const nowMs = this.#now();
    if (step.name !== this.#name) {
      this.#name = step.name;
      this.#begunMs = nowMs;
      this.#begunAt = step;
      return;
    }
    if (nowMs - this.#begunMs < SHOW_AFTER_MS || nowMs - this.#shownMs < SHOW_EVERY_MS) return;
    this.#shownMs = nowMs;
    this.#isShown = true;
    this.#terminal.write(`\r\u001b[K${this.#line(step, (nowMs - this.#begunMs) / 1000)}`);
  }

  /** Wipes the line. */
  clear(): void {
    if (this.#isShown) this.#terminal.write('\r\u001b[K');
    this.#isShown = false;
  }

  #line({ name, startMs, endMs, atMs, samples }: TransferStep, seconds: number): string {
    const done = (atMs - startMs) / Math.max(1, endMs - startMs);
    const begun = this.#begunAt;
    const doneSince = begun === undefined ? done : (atMs - begun.atMs) / Math.max(1, endMs - startMs);
    const rate = begun === undefined ? 0 : (samples - begun.samples) / seconds;
    const left = doneSince > 0 ? `, about ${durationText((seconds / doneSince) * (1 - done))} left` : '';
    const percent = `${Math.min(100, Math.floor(done * 100))} %`.padStart(5);
    const at = new Date(Math.min(atMs, endMs)).toISOString().slice(0, 16).replace('T', ' ');
    return `${percent}  ${name}, at ${at}  ${countText(samples)} samples, ${countText(Math.round(rate))}/s${left}`;
  }
}

/** A count for reading, with commas. */
export function countText(count: number): string {
  return count.toLocaleString('en-US');
}
