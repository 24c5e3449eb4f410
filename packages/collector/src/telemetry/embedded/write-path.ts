import { PlimsollError } from '../../errors.ts';
import { LOG_REPEAT_MS } from '../../limits.ts';
import { limitRepeats } from '../../log-limit.ts';
import { listBlockFiles } from './chunk/block-files.ts';
import { AppendLog } from './log/append-log.ts';
import { type CommitGroup, GroupCommit } from './log/group-commit.ts';
import type { LogQueue } from './log/log-queue.ts';
import { ReadOnlyState } from './read-only-state.ts';
import type { EmbeddedStoreInit } from './store-init.ts';
import type { StoreMetrics } from './store-metrics.ts';
import { storePaths } from './store-paths.ts';
import { type CommitListener, WriterClient } from './writer/writer-client.ts';

/** Appends are refused while more than this waits in memory for the disk: minutes at the fastest ingest. */
const MAX_WAITING_BYTES = 128 * 1024 * 1024;
/** Writers that die one after the other are started ever later, up to this. */
const MAX_RESTART_DELAY_MS = 15_000;
/** A writer that lived for this long did not die of what the one before died of. */
const LONG_LIFE_MS = 60_000;

export interface WritePathParts {
  readonly queue: LogQueue;
  readonly metrics: StoreMetrics;
  /** Memory of what waits to be sealed. */
  readonly waitingBytes: () => number;
}

/**
 * The way of appends to the disk, and what becomes of the store when it is barred: nothing is taken then, what was not
 * acknowledged is for its senders to send again, and it is tried again and again. A writer that died is replaced.
 */
export class WritePath {
  readonly writer: WriterClient;
  readonly commits: GroupCommit;
  readonly log: AppendLog;
  /** Size of the log, as the writer last told it. */
  logBytes: number;
  readonly #init: EmbeddedStoreInit;
  readonly #parts: WritePathParts;
  readonly #readOnly: ReadOnlyState;
  readonly #warn: ReturnType<typeof limitRepeats>;
  /** Writers that died soon after they were started, one after the other. */
  #shortLives = 0;
  #startedAtMs = performance.now();
  #restarting: Promise<void> | undefined;
  #isEnding = false;

  constructor(init: EmbeddedStoreInit, parts: WritePathParts) {
    this.#init = init;
    this.#parts = parts;
    this.logBytes = init.logBytes;
    this.#warn = limitRepeats(init.runtime, LOG_REPEAT_MS);
    this.#readOnly = new ReadOnlyState({
      path: init.path,
      log: init.runtime.log,
      retryIntervalMs: init.options.retryIntervalMs,
      retry: () => void this.#tryAgain(),
    });
    this.writer = this.#startWriter();
    this.commits = new GroupCommit({
      commitIntervalMs: init.options.commitIntervalMs,
      firstSegment: init.firstSegment,
      post: (request) => this.writer.commit(request),
      onDurable: (group) => init.sequences.committed(group),
      onFailed: (group) => this.#onFailed(group),
    });
    this.log = new AppendLog(this.commits, init.index);
  }

  /** Why no appends are taken, for as long as it takes somebody to notice. */
  get readOnlyReason(): PlimsollError | null {
    return this.#readOnly.reason ?? this.#parts.queue.full;
  }

  /** Why an append is not taken now; null where it is. */
  get refusal(): PlimsollError | null {
    const waitingBytes = this.commits.pendingBytes + this.#parts.waitingBytes();
    if (waitingBytes < MAX_WAITING_BYTES) return this.readOnlyReason;
    return (
      this.readOnlyReason ?? new PlimsollError('unavailable', 'telemetry waits for a slow disk: come back')
    );
  }

  /** A seal, a checkpoint or a merge failed: nothing is lost, the log still has it, and it is tried again. */
  taskFailed(error: unknown): void {
    if (this.#isEnding) return;
    this.#parts.metrics.sealFailures++;
    const failure = PlimsollError.from(error);
    this.#warn(failure.code, { err: error }, 'telemetry could not be moved on from the log; trying again');
    if (failure.code === 'out_of_space')
      this.#readOnly.failed({ code: failure.code, message: failure.message });
  }

  /** Makes durable what was taken, and takes nothing more for this reason. */
  async end(reason: PlimsollError): Promise<void> {
    this.#isEnding = true;
    this.#readOnly.stopTrying();
    await this.commits.commit().catch((error: unknown) => {
      this.#init.runtime.log.error({ err: error }, 'the last telemetry before the stop was not made durable');
    });
    this.#readOnly.end(reason);
  }

  async close(): Promise<void> {
    await this.#restarting;
    // What a writer left that died shortly before has to be put right.
    if (this.writer.isDead) await this.#restart();
    await this.writer.close().catch((error: unknown) => {
      const message = 'the telemetry writer could not end in order: the next start puts right what it left';
      this.#init.runtime.log.error({ err: error }, message);
    });
  }

  #startWriter(): WriterClient {
    const { metrics, queue } = this.#parts;
    const { path, startWriter } = this.#init;
    const found = listBlockFiles(storePaths(path).blocks).map(({ name }) => name);
    const listener: CommitListener = {
      committed: (reply) => {
        this.logBytes = reply.logBytes;
        metrics.committed(reply.syncSeconds);
        this.#readOnly.recovered();
        this.commits.committed(reply.group, reply.buffer);
        queue.committed(reply.segment, reply.endBytes);
      },
      commitFailed: (reply) => {
        this.#readOnly.failed(reply.failure);
        this.commits.failed(reply.group, reply.buffer, reply.failure);
      },
      died: (error) => this.#onDeath(error),
    };
    return new WriterClient(startWriter, listener, path, found);
  }

  /** What was in the group is not acknowledged: it is sent again, and defined again before. */
  #onFailed(group: CommitGroup): void {
    this.#parts.metrics.commitFailures++;
    this.#init.sequences.failed(group);
    this.log.failed(group);
  }

  #onDeath(error: Error): void {
    const failure = { code: 'unavailable', message: error.message } as const;
    this.#init.runtime.log.error({ err: error }, 'the telemetry writer stopped: another one is started');
    if (performance.now() - this.#startedAtMs > LONG_LIFE_MS) this.#shortLives = 0;
    this.#startLater(failure.message);
    this.commits.abandon(failure);
  }

  #startLater(message: string): void {
    const delayMs = this.#init.options.retryIntervalMs * 2 ** this.#shortLives++;
    this.#readOnly.failed({ code: 'unavailable', message }, Math.min(delayMs, MAX_RESTART_DELAY_MS));
  }

  /** An empty group shows whether the disk can be written again. */
  async #tryAgain(): Promise<void> {
    if (this.writer.isDead) {
      this.#restarting ??= this.#restart();
      await this.#restarting;
      this.#restarting = undefined;
    }
    // How it ends is told to all that listen to commits.
    if (!this.writer.isDead && !this.#isEnding) await this.commits.commit(true).catch(() => undefined);
  }

  async #restart(): Promise<void> {
    const { log } = this.#init.runtime;
    try {
      await this.writer.restart();
      this.#startedAtMs = performance.now();
      this.#parts.metrics.writerRestarts++;
      log.info('another telemetry writer was started');
    } catch (error) {
      const { message } = PlimsollError.from(error);
      log.error({ err: error }, 'no other telemetry writer could be started');
      this.#startLater(message);
    }
  }
}
