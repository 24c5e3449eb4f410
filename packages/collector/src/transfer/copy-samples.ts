import type { Matcher, SeriesColumns } from '@plimsoll/promql';
import { PlimsollError } from '../errors.ts';
import { samplesIn, type TransferSource, type TransferTarget, WriteRefusal } from './endpoint.ts';
import { findMissing } from './missing-samples.ts';

/** What was done so far; `nextMs` is where to go on. */
export interface CopyProgress {
  readonly nextMs: number;
  readonly samplesRead: number;
  readonly samplesWritten: number;
  /** Samples the target had already. */
  readonly samplesPresent: number;
  /** Samples the target has with another value, which stays. */
  readonly samplesDifferent: number;
}

export const NOTHING_COPIED: Omit<CopyProgress, 'nextMs'> = {
  samplesRead: 0,
  samplesWritten: 0,
  samplesPresent: 0,
  samplesDifferent: 0,
};

/** One copy: samples of a time range, both ends included, in windows of time one after the other. */
export interface CopyTask {
  readonly source: TransferSource;
  readonly target: TransferTarget;
  readonly selectors: readonly (readonly Matcher[])[];
  readonly startMs: number;
  readonly endMs: number;
  /** Told at the start and after each batch, with what is on its way counted in. */
  readonly onBatch: (progress: CopyProgress) => void;
  /** Told after each window, when what it counts is durable in the target. */
  readonly onWindow: (progress: CopyProgress) => Promise<void>;
}

/**
 * Copies from `from.nextMs` on. A window that was cut short is read again; only what the target does not have of it is
 * written.
 *
 * @param isResumed whether the first window may have been begun before.
 * @throws PlimsollError 'failed_precondition' where the target refuses samples; what was copied before stays.
 */
export async function copySamples(
  task: CopyTask,
  from: CopyProgress,
  isResumed: boolean,
  signal: AbortSignal,
): Promise<CopyProgress> {
  const { source, target, selectors } = task;
  let progress = from;
  let compares = target.comparesAlways || isResumed;
  task.onBatch(progress);
  while (progress.nextMs <= task.endMs) {
    const startMs = progress.nextMs;
    const endMs = Math.min(task.endMs, windowEnd(startMs, target.windowMs));
    const copy = new WindowCopy(task, compares, signal);
    for await (const batch of source.read({ selectors, startMs, endMs }, signal)) {
      await copy.take(batch);
      task.onBatch({ ...progress, samplesRead: progress.samplesRead + copy.read });
    }
    await target.flush();
    progress = {
      nextMs: endMs + 1,
      samplesRead: progress.samplesRead + copy.read,
      samplesWritten: progress.samplesWritten + copy.written,
      samplesPresent: progress.samplesPresent + copy.present,
      samplesDifferent: progress.samplesDifferent + copy.different,
    };
    compares = target.comparesAlways;
    await task.onWindow(progress);
    task.onBatch(progress);
  }
  return progress;
}

/** The last millisecond of the window that a time is in. */
export function windowEnd(timeMs: number, windowMs: number): number {
  return Math.floor(timeMs / windowMs) * windowMs + windowMs - 1;
}

/** The batches of one window on their way. */
class WindowCopy {
  read = 0;
  written = 0;
  present = 0;
  different = 0;
  readonly #task: CopyTask;
  readonly #compares: boolean;
  readonly #signal: AbortSignal;

  constructor(task: CopyTask, compares: boolean, signal: AbortSignal) {
    this.#task = task;
    this.#compares = compares;
    this.#signal = signal;
  }

  async take(batch: readonly SeriesColumns[]): Promise<void> {
    this.read += samplesIn(batch);
    if (this.#compares) {
      await this.#write(await this.#missing(batch));
      return;
    }
    const { target } = this.#task;
    try {
      await target.write(batch, this.#signal);
      this.written += samplesIn(batch);
    } catch (error) {
      if (!(error instanceof WriteRefusal)) throw error;
      // A server takes back a whole request for one sample it has already: what it lacks may be fine.
      const missing = await this.#missing(batch);
      if (samplesIn(missing) === samplesIn(batch)) throw this.#refused(error);
      await this.#write(missing);
    }
  }

  async #write(batch: readonly SeriesColumns[]): Promise<void> {
    if (batch.length === 0) return;
    try {
      await this.#task.target.write(batch, this.#signal);
    } catch (error) {
      throw error instanceof WriteRefusal ? this.#refused(error) : error;
    }
    this.written += samplesIn(batch);
  }

  async #missing(batch: readonly SeriesColumns[]): Promise<readonly SeriesColumns[]> {
    const { target } = this.#task;
    if (target.readBack === null) return batch;
    const comparison = await compare(batch, target.readBack, this.#signal);
    this.present += comparison.presentSamples;
    this.different += comparison.differentSamples;
    return comparison.missing;
  }

  #refused(error: WriteRefusal): PlimsollError {
    const { name } = this.#task.target;
    return new PlimsollError(
      'failed_precondition',
      `${name} refuses samples: ${error.message}; make it accept them (old samples: its retention and its out-of-order window) and give the same command to go on`,
      { cause: error },
    );
  }
}

/** Compares a batch with what a target has of its series in its time. */
export async function compare(
  batch: readonly SeriesColumns[],
  readBack: NonNullable<TransferTarget['readBack']>,
  signal: AbortSignal,
): Promise<ReturnType<typeof findMissing>> {
  let startMs = Infinity;
  let endMs = -Infinity;
  for (const { timestamps } of batch) {
    startMs = Math.min(startMs, timestamps[0] ?? Infinity);
    endMs = Math.max(endMs, timestamps.at(-1) ?? -Infinity);
  }
  const series = batch.map(({ labels }) => labels);
  return findMissing(batch, startMs > endMs ? new Map() : await readBack(series, startMs, endMs, signal));
}
