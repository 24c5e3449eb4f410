import { type StatsFs, statfs, statfsSync } from 'node:fs';
import { STATFS_PATIENCE_MS, STATFS_TIMEOUT_MS } from '../limits.ts';

/** What is known of a mount: its numbers, why there are none, or nothing yet. */
export type StatfsAnswer = StatsFs | { readonly error: string } | undefined;

interface Question {
  readonly askedAt: number;
  answer: StatfsAnswer;
  pending: boolean;
}

/** Filesystems whose numbers are in the kernel's memory: asking them costs microseconds and cannot hang. */
const LOCAL: ReadonlySet<string> = new Set(
  'bcachefs btrfs exfat ext2 ext3 ext4 f2fs jfs ntfs3 ramfs reiserfs tmpfs vfat xfs zfs'.split(' '),
);

/**
 * Asks the mounts for their space without ever waiting long for one: a dead network filesystem answers never, and
 * occupies one of libuv's few threads as long. So a mount that owes an answer is not asked again until it gave it.
 * Threads are asked only where a mount may hang at all.
 */
export class StatfsAnswers {
  readonly #questions = new Map<string, Question>();

  /** Asks all mounts; undefined when the answers are there, else fulfilled after at most STATFS_PATIENCE_MS. */
  ask(mounts: readonly { readonly path: string; readonly fstype: string }[]): Promise<void> | undefined {
    const paths = new Set(mounts.map(({ path }) => path));
    for (const path of this.#questions.keys()) if (!paths.has(path)) this.#questions.delete(path);
    // The way to a local mount may lead over a remote one.
    if (mounts.every(({ fstype }) => LOCAL.has(fstype))) {
      for (const path of paths) this.#askNow(path);
      return undefined;
    }
    return this.#patiently([...paths].map((path) => this.#ask(path)));
  }

  /** The last answer of a path. */
  of(path: string): StatfsAnswer {
    const question = this.#questions.get(path);
    if (question === undefined || !question.pending) return question?.answer;
    return performance.now() - question.askedAt > STATFS_TIMEOUT_MS
      ? { error: 'mountpoint timeout' }
      : undefined;
  }

  async #patiently(asked: readonly Promise<void>[]): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, STATFS_PATIENCE_MS);
    await Promise.race([Promise.all(asked), promise]);
    clearTimeout(timer);
  }

  #askNow(path: string): void {
    const question: Question = { askedAt: performance.now(), answer: undefined, pending: false };
    this.#questions.set(path, question);
    try {
      question.answer = statfsSync(path);
    } catch (error) {
      question.answer = { error: describe(error) };
    }
  }

  async #ask(path: string): Promise<void> {
    // Where the last question is still open there is nothing new to wait for.
    if (this.#questions.get(path)?.pending === true) return;
    const question: Question = { askedAt: performance.now(), answer: undefined, pending: true };
    this.#questions.set(path, question);
    const { promise, resolve } = Promise.withResolvers<void>();
    statfs(path, (error, stats) => {
      question.pending = false;
      question.answer = error === null ? stats : { error: describe(error) };
      resolve();
    });
    await promise;
  }
}

/** The system's words for the error, as node_exporter has them in its label. */
function describe(error: unknown): string {
  // `EACCES: permission denied, statfs '/srv/x'`
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/^E[A-Z0-9]+: /, '').replace(/, statfs.*$/s, '');
}
