import { existsSync } from 'node:fs';
import path from 'node:path';
import { contentOf } from '../backup/content-of.ts';
import type { Damage } from '../backup/manifest.ts';
import { LOG_REPEAT_MS } from '../limits.ts';
import { limitRepeats } from '../log-limit.ts';
import { sumsPath } from '../page-sums/sums-file.ts';
import type { Runtime } from '../runtime.ts';
import { faultText } from '../telemetry/embedded/verify/fault.ts';
import { describeInChild } from './describe-in-child.ts';
import { examineFile } from './examine-file.ts';
import type { KeptFiles } from './kept-files.ts';
import { MAX_FILES_LISTED, SCRUB_LIMITS, type ScrubLimits } from './limits.ts';
import { Pace } from './pace.ts';
import { ScrubMetrics } from './scrub-metrics.ts';
import { type DamagedFile, readScrubRecord, writeScrubRecord } from './scrub-record.ts';
import { scrubbedFiles, setAsideFiles } from './scrubbed-files.ts';

export interface ScrubOptions {
  readonly runtime: Runtime;
  readonly storagePath: string;
  readonly kept: KeptFiles;
  /** Files below the storage path that the metrics count as damaged already. */
  readonly countedAtStart?: ReadonlySet<string>;
  readonly limits?: Partial<ScrubLimits>;
}

/** Damaged files as the status shows them. */
export interface DamagedFiles {
  readonly count: number;
  /** The first `MAX_FILES_LISTED`. */
  readonly files: readonly {
    readonly file: string;
    readonly message: string;
    readonly foundAtMs: number | null;
  }[];
}

/**
 * Reads every stored file that has checksums once a day, in the background, and tells of what changed since it was
 * written: queries read pages as they are. Found damage is told once, and again only when more of a file changes.
 */
export class Scrub implements AsyncDisposable {
  readonly #options: ScrubOptions;
  readonly #limits: ScrubLimits;
  readonly #stop = new AbortController();
  readonly #pace: Pace;
  readonly #metrics: ScrubMetrics;
  readonly #warn: ReturnType<typeof limitRepeats>;
  readonly #damaged = new Map<string, DamagedFile>();
  #completedAtMs: number | null = null;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();

  /** Takes up what an earlier run found, and begins the first pass a while later. */
  static async start(options: ScrubOptions): Promise<Scrub> {
    const scrub = new Scrub(options);
    const { completedAtMs, damaged } = await readScrubRecord(options.storagePath);
    scrub.#completedAtMs = completedAtMs;
    if (completedAtMs !== null) scrub.#metrics.completed(completedAtMs);
    // What was set aside or removed since is told by others.
    for (const each of damaged) if (scrub.#isThere(each.file)) scrub.#note(each);
    scrub.#schedule(scrub.#limits.firstPassMs);
    return scrub;
  }

  private constructor(options: ScrubOptions) {
    this.#options = options;
    this.#limits = { ...SCRUB_LIMITS, ...options.limits };
    this.#pace = new Pace(this.#limits.bytesPerSecond, this.#stop.signal);
    this.#metrics = new ScrubMetrics(options.runtime.metrics, options.countedAtStart ?? new Set());
    this.#warn = limitRepeats(options.runtime, LOG_REPEAT_MS);
  }

  /** What is damaged as far as is known, also what was set aside before. */
  async damagedFiles(): Promise<DamagedFiles> {
    const found = [...this.#damaged.values()].map(({ file, messages, foundAtMs }) => ({
      file,
      message: messages.join('; '),
      foundAtMs,
    }));
    const aside = (await setAsideFiles(this.#options.storagePath)).map((file) => ({
      file,
      message: `${file}: was found damaged and set aside: what it has is missing, unless it was restored since`,
      foundAtMs: null,
    }));
    const files = [...found, ...aside];
    return { count: files.length, files: files.slice(0, MAX_FILES_LISTED) };
  }

  /** One whole pass, after one that runs already. @throws where the scrub is disposed meanwhile. */
  async pass(): Promise<void> {
    const passed = this.#running.then(() => this.#passOnce());
    this.#running = passed.catch(() => undefined);
    await passed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#timer);
    this.#stop.abort();
    await this.#running;
  }

  #schedule(afterMs: number): void {
    this.#timer = setTimeout(() => {
      const beganMs = performance.now();
      this.pass()
        .catch((error: unknown) => {
          if (!this.#stop.signal.aborted)
            this.#warn('pass', { err: error }, 'a scrub did not end; trying again later');
        })
        .finally(() => {
          if (this.#stop.signal.aborted) return;
          this.#schedule(
            Math.max(this.#limits.firstPassMs, this.#limits.intervalMs - (performance.now() - beganMs)),
          );
        });
    }, afterMs).unref();
  }

  async #passOnce(): Promise<void> {
    const { storagePath, runtime, kept } = this.#options;
    const listed = await scrubbedFiles(storagePath);
    for (const file of this.#damaged.keys()) if (!this.#isThere(file)) this.#forget(file, 'is gone');
    // What is known to be damaged comes first; where its checksums are gone there is nothing to compare it with.
    const files = new Set([...this.#damaged.keys()].filter((file) => listed.includes(file)).concat(listed));
    let undecided = 0;
    for (const file of files) if (!(await this.#examine(file))) undecided++;
    await kept.closeRemoved();
    if (undecided === 0) {
      this.#completedAtMs = runtime.now();
      this.#metrics.completed(this.#completedAtMs);
    }
    this.#write();
  }

  /** A database of which only the checksums are left was lost, not dropped. */
  #isThere(file: string): boolean {
    const stored = path.join(this.#options.storagePath, file);
    return existsSync(stored) || existsSync(sumsPath(stored));
  }

  /** Whether it could be found out what is to be said of a file. */
  async #examine(file: string): Promise<boolean> {
    const { storagePath, kept } = this.#options;
    const { confirmPauseMs } = this.#limits;
    const onBytes = (bytes: number): void => this.#metrics.read(bytes);
    let damages: readonly Damage[] | null;
    try {
      damages = await examineFile(storagePath, file, { kept, pace: this.#pace, onBytes, confirmPauseMs });
    } catch (error) {
      this.#stop.signal.throwIfAborted();
      this.#warn(
        file,
        { err: error, file },
        'a stored file could not be scrubbed; trying again with the next pass',
      );
      return false;
    }
    if (damages === null) return false;
    if (damages.length === 0) {
      this.#forget(file, 'agrees with its checksums again');
      return true;
    }
    const key = keyOf(damages);
    if (this.#damaged.get(file)?.key !== key) await this.#accuse(file, key, damages);
    return true;
  }

  async #accuse(file: string, key: string, damages: readonly Damage[]): Promise<void> {
    const { runtime } = this.#options;
    const affected = await this.#affectedBy(damages);
    const messages = damages.map(({ what }, i) =>
      faultText({ file, what, affected: affected[i] ?? contentOf(file) }),
    );
    for (const message of messages) {
      runtime.log.error(
        { file },
        `${message}; found by the daily scrub; it is read as it is: restore it from a backup`,
      );
    }
    this.#note({ file, key, messages, foundAtMs: runtime.now() });
    this.#write();
  }

  async #affectedBy(damages: readonly Damage[]): Promise<readonly string[]> {
    try {
      const { storagePath } = this.#options;
      return await describeInChild({ storagePath, damages }, this.#stop.signal);
    } catch (error) {
      this.#stop.signal.throwIfAborted();
      this.#warn('describe', { err: error }, 'what a damage touches could not be found out: run verify');
      return [];
    }
  }

  #note(damaged: DamagedFile): void {
    if (!this.#damaged.has(damaged.file)) this.#metrics.found(damaged.file);
    this.#damaged.set(damaged.file, damaged);
  }

  #forget(file: string, why: string): void {
    if (!this.#damaged.delete(file)) return;
    this.#metrics.mended(file);
    this.#options.runtime.log.info({ file }, `${file} was damaged and ${why}`);
    this.#write();
  }

  /** Without it the next run finds everything again. */
  #write(): void {
    try {
      const damaged = [...this.#damaged.values()];
      writeScrubRecord(this.#options.storagePath, {
        version: 1,
        completedAtMs: this.#completedAtMs,
        damaged,
      });
    } catch (error) {
      this.#warn('record', { err: error }, 'what the scrub found could not be written down');
    }
  }
}

function keyOf(damages: readonly Damage[]): string {
  return damages.map(({ what, pages }) => `${what} ${pages?.join() ?? ''}`).join('\n');
}
