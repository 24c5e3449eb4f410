import { PlimsollError } from '../../../errors.ts';
import { type LogReader, type LogTail, NO_RELEASE } from './log-tail.ts';

/** Until a reader shows up, all of the log is kept for it. */
const KEEP_EVERYTHING: LogReader = {
  keepSegmentsFrom: () => 0,
  release: () => ({ ...NO_RELEASE, heldFromMs: -Infinity }),
  dropping: () => Promise.resolve(),
};

/** The log as a queue for one who reads it behind the writer; without one it is just dropped. */
export class LogQueue {
  readonly #tail: LogTail | null;
  readonly #limitBytes: number;
  #reader: LogReader | null;

  constructor(tail: LogTail | null, limitBytes: number | null) {
    this.#tail = tail;
    this.#limitBytes = limitBytes ?? Infinity;
    this.#reader = tail === null ? null : KEEP_EVERYTHING;
  }

  get reader(): LogReader | null {
    return this.#reader;
  }

  /** Bytes that were not read for good. */
  get bytes(): number {
    return this.#tail?.bytes ?? 0;
  }

  /** Why nothing more is taken: what the reader would not get, senders keep. */
  get full(): PlimsollError | null {
    if (this.bytes < this.#limitBytes) return null;
    return new PlimsollError(
      'unavailable',
      `${this.#limitBytes} bytes of telemetry wait for the long-term engine: mend it, or raise storage.queueSize`,
    );
  }

  follow(reader: LogReader): LogTail {
    if (this.#tail === null) throw new Error('this store was opened without a queue');
    this.#reader = reader;
    return this.#tail;
  }

  note(segment: number, oldestMs: number): void {
    this.#tail?.note(segment, oldestMs);
  }

  committed(segment: number, endBytes: number): void {
    this.#tail?.committed(segment, endBytes);
  }
}
