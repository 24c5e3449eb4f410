import { close, fstat, open, stat } from 'node:fs';
import { promisify } from 'node:util';
import { hasCode } from '../has-code.ts';

const openFile = promisify(open);
const closeFile = promisify(close);

/**
 * Opens databases that SQLite may have open in this process, and does not close them while they have a name: to close
 * any descriptor of a file gives up all locks that the process has on it, those of SQLite too, and another program
 * could then take the write-ahead log away. https://www.sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_
 */
export class KeptFiles implements AsyncDisposable {
  readonly #fds = new Map<string, number>();

  /** A descriptor for reading; undefined where there is no such file. */
  async open(file: string): Promise<number | undefined> {
    const known = await identityOf((done) => stat(file, { bigint: true }, done)).catch(undefinedIfGone);
    if (known === undefined) return undefined;
    const kept = this.#fds.get(known.id);
    if (kept !== undefined) return kept;
    const fd = await openFile(file, 'r').catch(undefinedIfGone);
    if (fd === undefined) return undefined;
    const { id } = await identityOf((done) => fstat(fd, { bigint: true }, done));
    // Another file can have got the name meanwhile, one that is kept already.
    this.#fds.set(this.#fds.has(id) ? `${id} ${fd}` : id, fd);
    return fd;
  }

  /** Closes what nobody can open any more. */
  async closeRemoved(): Promise<void> {
    for (const [id, fd] of this.#fds) {
      const { links } = await identityOf((done) => fstat(fd, { bigint: true }, done));
      if (links > 0n) continue;
      this.#fds.delete(id);
      await closeFile(fd);
    }
  }

  /** Only when nothing else of this process has the files open. */
  async [Symbol.asyncDispose](): Promise<void> {
    const fds = [...this.#fds.values()];
    this.#fds.clear();
    for (const fd of fds) await closeFile(fd);
  }
}

type Done = (error: NodeJS.ErrnoException | null, stats: { dev: bigint; ino: bigint; nlink: bigint }) => void;

async function identityOf(
  ask: (done: Done) => void,
): Promise<{ readonly id: string; readonly links: bigint }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ id: string; links: bigint }>();
  ask((error, stats) => {
    if (error === null) resolve({ id: `${stats.dev}:${stats.ino}`, links: stats.nlink });
    else reject(error);
  });
  return await promise;
}

function undefinedIfGone(error: unknown): undefined {
  if (hasCode(error, 'ENOENT')) return undefined;
  throw error;
}
