import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { Counter, Gauge } from 'prom-client';
import { PlimsollError } from '../errors.ts';
import type { Runtime } from '../runtime.ts';
import { type BackupOptions, type BackupProgress, createBackup } from './create-backup.ts';
import { MAX_BACKUPS_REMEMBERED } from './limits.ts';
import type { Manifest } from './manifest.ts';

/** A backup that was asked of this collector. */
export interface BackupRun {
  readonly id: string;
  readonly directory: string;
  readonly startedAtMs: number;
  readonly progress: BackupProgress;
  /** Of a finished one. */
  readonly manifest: Manifest | null;
  /** Of a failed one. */
  readonly error: PlimsollError | null;
}

export interface BackupRequest {
  readonly directory: string;
  readonly base: string | null;
}

/** Takes backups of the running collector, one at a time. Disposing ends the one that runs; it is removed then. */
export interface Backups extends AsyncDisposable {
  /** @throws PlimsollError 'invalid_argument' for a relative path, 'failed_precondition' while another runs. */
  start(request: BackupRequest): BackupRun;
  find(id: string): BackupRun | undefined;
  /** Newest first. */
  list(): readonly BackupRun[];
}

export interface BackupsOptions {
  readonly runtime: Runtime;
  readonly storagePath: string;
  readonly backUp: BackupOptions['backUp'];
  /** The files of the configuration in force. */
  readonly configuration: () => readonly string[];
}

export function createBackups(options: BackupsOptions): Backups {
  return new LiveBackups(options);
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

class LiveBackups implements Backups {
  readonly #options: BackupsOptions;
  readonly #metrics: ReturnType<typeof registerMetrics>;
  readonly #runs: Mutable<BackupRun>[] = [];
  readonly #stop = new AbortController();
  #running: Promise<void> | null = null;

  constructor(options: BackupsOptions) {
    this.#options = options;
    this.#metrics = registerMetrics(options.runtime);
  }

  start({ directory, base }: BackupRequest): BackupRun {
    for (const given of [directory, base ?? '/']) {
      if (path.isAbsolute(given)) continue;
      throw new PlimsollError(
        'invalid_argument',
        `"${given}" is not an absolute path on the collector's machine`,
      );
    }
    if (this.#running !== null) {
      throw new PlimsollError('failed_precondition', 'another backup is being taken: wait until it is done');
    }
    const run: Mutable<BackupRun> = {
      id: randomUUID(),
      directory: path.resolve(directory),
      startedAtMs: this.#options.runtime.now(),
      progress: { bytesDone: 0, bytesTotal: 0 },
      manifest: null,
      error: null,
    };
    this.#runs.unshift(run);
    this.#runs.length = Math.min(this.#runs.length, MAX_BACKUPS_REMEMBERED);
    this.#running = this.#take(run, base === null ? null : path.resolve(base)).finally(
      () => (this.#running = null),
    );
    return run;
  }

  find(id: string): BackupRun | undefined {
    return this.#runs.find((run) => run.id === id);
  }

  list(): readonly BackupRun[] {
    return this.#runs;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new PlimsollError('unavailable', 'the collector stopped before the backup was done'));
    await this.#running;
  }

  async #take(run: Mutable<BackupRun>, base: string | null): Promise<void> {
    const { runtime, storagePath, backUp, configuration } = this.#options;
    const { directory } = run;
    try {
      run.manifest = await createBackup({
        storagePath,
        directory,
        base,
        backUp,
        online: true,
        configuration: configuration(),
        now: runtime.now,
        signal: this.#stop.signal,
        onProgress: (progress) => (run.progress = progress),
      });
      this.#metrics.done(run.manifest);
      const { cutAt, files, damages = [] } = run.manifest;
      runtime.log.info({ directory, cutAt, files: files.length }, 'a backup was taken');
      for (const { path: file, what, affected } of damages) {
        const message = `${path.join(storagePath, file)} ${what}; affected: ${affected}: the backup ${directory} has it as it is; run verify`;
        runtime.log.error({ directory, file }, message);
      }
    } catch (error) {
      run.error = PlimsollError.from(error);
      this.#metrics.failed();
      runtime.log.error({ directory, err: error }, 'a backup failed');
    }
  }
}

function registerMetrics({ metrics }: Runtime) {
  const registers = [metrics];
  const outcomes = new Counter({
    name: 'plimsoll_backups_total',
    help: 'Backups of this collector, by how they ended.',
    labelNames: ['outcome'],
    registers,
  });
  outcomes.inc({ outcome: 'done' }, 0);
  outcomes.inc({ outcome: 'damaged' }, 0);
  outcomes.inc({ outcome: 'failed' }, 0);
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers });
  const success = gauge(
    'plimsoll_backup_last_success_timestamp_seconds',
    'What moment the last finished backup of this collector is as of; 0 before the first since its start.',
  );
  const duration = gauge('plimsoll_backup_last_duration_seconds', 'How long the last finished backup took.');
  const size = gauge('plimsoll_backup_last_size_bytes', 'Size of the last finished backup.');
  return {
    done({ startedAt, cutAt, finishedAt, files, damages }: Manifest): void {
      // Nobody is to throw older backups away because this one is done.
      outcomes.inc({ outcome: damages === undefined ? 'done' : 'damaged' });
      if (damages !== undefined) return;
      success.set(Date.parse(cutAt) / 1000);
      duration.set((Date.parse(finishedAt) - Date.parse(startedAt)) / 1000);
      size.set(files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0));
    },
    failed: () => outcomes.inc({ outcome: 'failed' }),
  };
}
