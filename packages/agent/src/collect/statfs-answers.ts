import { type StatsFs, statfs } from 'node:fs';
import { STATFS_PATIENCE_MS, STATFS_TIMEOUT_MS } from '../limits.ts';

/** What is known of a mount: its numbers, why there are none, or nothing yet. */
export type StatfsAnswer = StatsFs | { readonly error: string } | undefined;

interface Question {
  readonly path: string;
  readonly askedAt: number;
  answer: StatfsAnswer;
  pending: boolean;
}

/**
 * Asks the mounts for their space without ever waiting long for one: a dead network filesystem answers never, and
 * occupies one of libuv's few threads as long. So a mount that owes an answer is not asked again until it gave it.
 */
export class StatfsAnswers {
  readonly #questions = new Map<string, Question>();

  /** The answers of all paths, after at most STATFS_PATIENCE_MS. */
  async ask(paths: readonly string[]): Promise<(path: string) => StatfsAnswer> {
    const asked = paths.map((path) => this.#ask(path));
    const pending = asked.filter((promise) => promise !== undefined);
    if (pending.length > 0) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, STATFS_PATIENCE_MS);
      await Promise.race([Promise.all(pending), promise]);
      clearTimeout(timer);
    }
    for (const path of this.#questions.keys()) if (!paths.includes(path)) this.#questions.delete(path);
    return (path) => this.#answer(path);
  }

  /** Undefined where the last question is still open. */
  #ask(path: string): Promise<void> | undefined {
    if (this.#questions.get(path)?.pending === true) return undefined;
    const question: Question = { path, askedAt: performance.now(), answer: undefined, pending: true };
    this.#questions.set(path, question);
    return new Promise((resolve) => {
      statfs(path, (error, stats) => {
        question.pending = false;
        question.answer = error === null ? stats : { error: describe(error) };
        resolve();
      });
    });
  }

  #answer(path: string): StatfsAnswer {
    const question = this.#questions.get(path);
    if (question === undefined || !question.pending) return question?.answer;
    return performance.now() - question.askedAt > STATFS_TIMEOUT_MS
      ? { error: 'mountpoint timeout' }
      : undefined;
  }
}

/** The system's words for the error, as node_exporter has them in its label. */
function describe(error: NodeJS.ErrnoException): string {
  // `EACCES: permission denied, statfs '/root/x'`
  return error.message.replace(/^E[A-Z0-9]+: /, '').replace(/, statfs.*$/s, '');
}
