import { rm } from 'node:fs/promises';
import type { Runtime } from '../../runtime.ts';
import { LOG_REPEAT_MS } from '../../limits.ts';
import { limitRepeats } from '../../log-limit.ts';
import type { LogPosition, LogTail } from '../embedded/log/log-tail.ts';
import { readLogRecords } from '../embedded/log/log-records.ts';
import type { EmbeddedTelemetryStore } from '../embedded/open-embedded-store.ts';
import { type SeriesDirectory, cutIntoBatches } from './batches.ts';
import type { Delivered, Delivery } from './delivery.ts';
import { FULL_BATCH_BYTES, GATHER_MS, MAX_BATCH_SAMPLES, SAVE_EVERY_MS } from './limits.ts';
import { LogGroups } from './log-groups.ts';
import type { LongTermBatch } from './long-term-engine.ts';
import type { LongTermMetrics } from './long-term-metrics.ts';
import { resolveContested } from './resolve-contested.ts';
import { SampleCollector } from './sample-collector.ts';
import { Wake } from './wake.ts';

export interface ForwarderParts {
  readonly runtime: Runtime;
  readonly store: EmbeddedTelemetryStore;
  readonly tail: LogTail;
  readonly delivery: Delivery;
  readonly metrics: LongTermMetrics;
  /** How long after it took a batch the engine may still lose it by a crash. */
  readonly settleMs: number;
  readonly from: LogPosition;
  /** Frames up to this time may have been forwarded before. */
  readonly newestMs: number;
  /** Writes down what has been forwarded for good. */
  readonly save: (position: LogPosition, newestMs: number) => Promise<void>;
}

interface Taken {
  readonly end: LogPosition;
  readonly atMs: number;
}

const EMPTY: LongTermBatch = {
  refs: new Uint32Array(),
  timestampsMs: new Float64Array(),
  values: new Float64Array(),
  labels: [],
  metadata: [],
};

/**
 * Reads the log behind the writer and sends its samples on, in their order. A place in the log counts as forwarded for
 * good some time after the engine took what is before it; when the engine goes away, sending begins again there.
 */
export class Forwarder implements AsyncDisposable {
  readonly #parts: ForwarderParts;
  readonly #groups: LogGroups;
  readonly #collector: SampleCollector;
  readonly #directory: SeriesDirectory;
  readonly #closing = new AbortController();
  readonly #wake = new Wake();
  readonly #running: Promise<void>;
  /** Taken by the engine and not yet for good, oldest first. */
  #taken: Taken[] = [];
  #confirmed: LogPosition;
  #sent: LogPosition;
  /** The furthest that was ever sent. */
  #furthest: LogPosition;
  #saved: LogPosition;
  /** When what was taken was last looked after. */
  #lookedAtMs = -Infinity;
  /** When the engine took something last. */
  #provedAtMs = -Infinity;
  #drains = 0;

  constructor(parts: ForwarderParts) {
    const { store, tail, metrics, runtime } = parts;
    this.#parts = parts;
    this.#confirmed = this.#sent = this.#furthest = this.#saved = parts.from;
    const warn = limitRepeats(runtime, LOG_REPEAT_MS);
    this.#groups = new LogGroups(tail, parts.from, (place) => {
      metrics.damaged();
      runtime.log.error(place, 'the log cannot be read from here to the end of its segment: run verify');
    });
    this.#collector = new SampleCollector((ref) => store.labelsOf(ref), parts.newestMs);
    this.#directory = {
      labelsOf: (ref) => store.labelsOf(ref) ?? this.#collector.defined.get(ref),
      metadata: (family) => store.metadata(family),
      unknown(samples) {
        metrics.samples('unknown_series', samples);
        warn('series', { samples }, 'samples of the log belong to no known series: run verify');
      },
    };
    tail.onCommit(() => this.#wake.ring());
    this.#running = this.#run();
  }

  /** Everything before this place has been forwarded for good. */
  get confirmed(): LogPosition {
    return this.#confirmed;
  }

  /** How long the oldest that was not sent has waited, milliseconds. */
  lagMs(nowMs: number): number {
    const { tail } = this.#parts;
    const segment = tail.first(this.#sent.segment);
    if (segment === undefined || !isBefore(this.#sent, tail.end)) return 0;
    const offset = segment.number === this.#sent.segment ? this.#sent.offset : 0;
    const share = Math.min(1, offset / segment.endBytes);
    return Math.max(0, nowMs - (segment.firstAtMs + share * (segment.lastAtMs - segment.firstAtMs)));
  }

  /** Resolves when all that is durable now was taken, and counts it as forwarded for good. */
  async drain(): Promise<void> {
    this.#drains++;
    try {
      while (isBefore(this.#confirmed, this.#parts.tail.end)) {
        this.#closing.signal.throwIfAborted();
        this.#wake.ring();
        await this.#wake.nextRound();
      }
    } finally {
      this.#drains--;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    this.#wake.ring();
    await this.#running;
    await this.#groups[Symbol.asyncDispose]();
    if (this.#confirmed !== this.#saved) await this.#save();
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        const sent = (await this.#sendNext()) || (await this.#beat());
        await this.#confirm();
        this.#wake.endRound();
        const idle = this.#taken.length === 0 && this.#confirmed === this.#saved;
        if (!sent) await this.#wake.wait(idle ? null : GATHER_MS);
        else if (this.#drains === 0) await this.#gather();
      } catch (error) {
        if (signal.aborted) return;
        this.#parts.runtime.log.error({ err: error }, 'forwarding stumbled and begins again');
        await this.#rewind();
        await this.#wake.wait(GATHER_MS);
      }
    }
  }

  /** Lets small commits come together, unless there is plenty already. */
  async #gather(): Promise<void> {
    const { tail } = this.#parts;
    const { segment, offset } = tail.end;
    if (segment === this.#sent.segment && offset - this.#sent.offset < FULL_BATCH_BYTES) {
      await this.#wake.pause(GATHER_MS, this.#closing.signal);
    }
  }

  /** Sends about a batch; false where there was nothing. */
  async #sendNext(): Promise<boolean> {
    let end: LogPosition | undefined;
    const collector = this.#collector;
    while (collector.count < MAX_BATCH_SAMPLES) {
      const group = await this.#groups.next();
      if (group === null) break;
      if (group.beginsSegment) collector.beginSegment();
      collector.definitionsOnly(group.passed);
      readLogRecords(group.payload, collector);
      if (!group.passed) end = group.end;
    }
    if (end === undefined) return false;
    const { samples, contested } = collector.take();
    const resolved = await resolveContested(samples, contested, this.#parts.store, this.#directory);
    for (const batch of cutIntoBatches(resolved, MAX_BATCH_SAMPLES, this.#directory)) {
      const delivered = await this.#parts.delivery.deliver(batch, this.#closing.signal);
      if (delivered === 'lost') {
        await this.#rewind();
        return true;
      }
      this.#count(delivered, !isBefore(this.#furthest, end));
    }
    this.#sent = end;
    if (isBefore(this.#furthest, end)) this.#furthest = end;
    this.#provedAtMs = performance.now();
    this.#taken.push({ end, atMs: this.#provedAtMs });
    return true;
  }

  #count({ taken, converted, leftOut }: Delivered, repeated: boolean): void {
    const { metrics } = this.#parts;
    metrics.samples(repeated ? 'repeated' : 'forwarded', taken);
    // Histograms that were looked at once more are no others.
    if (repeated) return;
    metrics.samples('converted', converted);
    metrics.samples('left_out', leftOut);
  }

  /** A sign of life instead of a batch, while something taken is not settled; false where none is wanted. */
  async #beat(): Promise<boolean> {
    const { delivery } = this.#parts;
    if (this.#taken.length === 0 || !delivery.beats) return false;
    if ((await delivery.deliver(EMPTY, this.#closing.signal)) === 'lost') await this.#rewind();
    else this.#provedAtMs = performance.now();
    return true;
  }

  /** Begins again behind what was forwarded for good. */
  async #rewind(): Promise<void> {
    if (this.#taken.length > 0) this.#parts.metrics.rewound();
    this.#taken = [];
    this.#sent = this.#confirmed;
    this.#collector.rewind();
    await this.#groups.seek(this.#confirmed);
  }

  async #confirm(): Promise<void> {
    const { settleMs, tail, delivery } = this.#parts;
    const drained = this.#drains > 0 && !isBefore(this.#sent, tail.end);
    if (!drained && performance.now() - this.#lookedAtMs < SAVE_EVERY_MS) return;
    this.#lookedAtMs = performance.now();
    if (this.#taken.length > 0) {
      const stillHas = await delivery.stillHas(this.#closing.signal);
      if (stillHas === false) await this.#rewind();
      if (stillHas !== true) return;
    }
    // What was taken later proves that the connection held until then.
    const deadlineMs = drained ? Infinity : this.#provedAtMs - settleMs;
    let last: Taken | undefined;
    while (this.#taken[0] !== undefined && this.#taken[0].atMs <= deadlineMs) last = this.#taken.shift();
    if (last !== undefined) this.#confirmed = this.#withoutFinished(last.end);
    if (this.#confirmed !== this.#saved) await this.#save();
  }

  /** A place at the end of a segment that nothing more goes into is one at the beginning of the next. */
  #withoutFinished(position: LogPosition): LogPosition {
    const { tail } = this.#parts;
    const segment = tail.first(position.segment);
    const later = tail.first(position.segment + 1);
    const finished =
      segment === undefined || segment.number > position.segment || position.offset >= segment.endBytes;
    return finished && later !== undefined ? { segment: later.number, offset: 0 } : position;
  }

  async #save(): Promise<void> {
    const position = this.#confirmed;
    const before = this.#saved;
    await this.#parts.save(position, this.#collector.newestMs);
    this.#saved = position;
    for (let number = before.segment; number < position.segment; number++) {
      const [, queued = ''] = this.#parts.tail.candidates(number);
      await rm(queued, { force: true });
    }
    this.#parts.tail.passed(position);
  }
}

function isBefore(a: LogPosition, b: LogPosition): boolean {
  return a.segment < b.segment || (a.segment === b.segment && a.offset < b.offset);
}
