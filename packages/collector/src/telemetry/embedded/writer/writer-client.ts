import { PlimsollError } from '../../../errors.ts';
import type {
  CommitRequest,
  CutFile,
  TaskResult,
  WriterFailure,
  WriterReply,
  WriterRequest,
  WriterTask,
} from './writer-protocol.ts';
import { WriterGuards } from './writer-guards.ts';
import type { WriterListener, WriterPort } from './writer-port.ts';

export interface CommitListener {
  readonly committed: (reply: WriterReply & { kind: 'committed' }) => void;
  readonly commitFailed: (reply: WriterReply & { kind: 'commit-failed' }) => void;
  /** Everything under way has been rejected. */
  readonly died: (error: Error) => void;
}

/** The main thread's side of the writer: commits with callbacks, tasks as promises. */
export class WriterClient {
  readonly #start: (listener: WriterListener) => WriterPort;
  readonly #tasks = new Map<number, PromiseWithResolvers<TaskResult>>();
  readonly #listener: CommitListener;
  readonly #guards: WriterGuards;
  /** The store knows of no other blocks: files from before this process, no writer of its own adds to. */
  readonly #blockEnds: Map<string, number>;
  #port: WriterPort;
  #nextId = 1;
  /** Why there is no writer now. */
  #death: WriterFailure | undefined;

  /** For the store in a directory, over the files of blocks that were found there. */
  constructor(
    start: (listener: WriterListener) => WriterPort,
    listener: CommitListener,
    path: string,
    found: readonly string[],
  ) {
    this.#listener = listener;
    this.#start = start;
    this.#guards = new WriterGuards(path);
    this.#blockEnds = new Map(found.map((name) => [name, Infinity]));
    this.#port = this.#begin();
  }

  get isDead(): boolean {
    return this.#death !== undefined;
  }

  /**
   * Starts a writer in the place of one that died. Tasks are rejected until it has put right what that one left.
   *
   * @throws what keeps it from doing so; then there is no writer still, and this can be called again.
   */
  async restart(): Promise<void> {
    this.#port = this.#begin();
    const before = this.#death;
    try {
      const task = { kind: 'take-over', blockEnds: this.#blockEnds } as const;
      await this.#ask((id) => ({ kind: 'task', id, task }));
      // Its last reply and its end can come in one turn of the event loop.
      if (this.#death !== undefined && this.#death !== before) throw asError(this.#death);
    } catch (error) {
      await this.#port.end();
      throw error;
    }
    this.#death = undefined;
  }

  commit(request: CommitRequest): void {
    this.#port.post(request, [request.buffer]);
  }

  /** Rejects with PlimsollError 'out_of_space' or 'unavailable'; the task has then had no effect that counts. */
  async run(task: WriterTask): Promise<TaskResult> {
    this.#guards.cover(task);
    if (task.kind === 'remove-blocks') for (const name of task.files) this.#blockEnds.delete(name);
    try {
      return await this.#request((id) => ({ kind: 'task', id, task }));
    } finally {
      this.#guards.cover(task);
    }
  }

  /**
   * The files of log and blocks with what was committed before this call, and nothing committed after it; without
   * blocks that the store does not know of so far, which a writer in the place of this one would take away.
   */
  async cut(): Promise<readonly CutFile[]> {
    const { cut = [] } = await this.#request((id) => ({ kind: 'cut', id }));
    return cut.flatMap(({ path, sizeBytes }) => {
      const [part, name = ''] = path.split('/');
      const knownBytes = part === 'blocks' ? (this.#blockEnds.get(name) ?? 0) : Infinity;
      return knownBytes === 0 ? [] : { path, sizeBytes: Math.min(sizeBytes, knownBytes) };
    });
  }

  /** Rejects where the writer died of it: then the next start finds what it would after a kill. */
  async close(): Promise<void> {
    try {
      if (this.#death === undefined) await this.run({ kind: 'close' });
    } finally {
      await this.#port.end();
      this.#guards[Symbol.dispose]();
    }
  }

  #begin(): WriterPort {
    return this.#start({
      onReply: (reply) => this.#onReply(reply),
      onDeath: (error) => this.#onDeath(error),
    });
  }

  #request(request: (id: number) => WriterRequest): Promise<TaskResult> {
    return this.#death === undefined ? this.#ask(request) : Promise.reject(asError(this.#death));
  }

  #ask(request: (id: number) => WriterRequest): Promise<TaskResult> {
    const id = this.#nextId++;
    const pending = Promise.withResolvers<TaskResult>();
    this.#tasks.set(id, pending);
    this.#port.post(request(id), []);
    return pending.promise;
  }

  #onReply(reply: WriterReply): void {
    switch (reply.kind) {
      case 'committed':
        this.#listener.committed(reply);
        return;
      case 'commit-failed':
        this.#listener.commitFailed(reply);
        return;
      case 'done':
        this.#note(reply.result);
        this.#take(reply.id)?.resolve(reply.result);
        return;
      case 'task-failed':
        this.#take(reply.id)?.reject(asError(reply.failure));
        return;
    }
  }

  #note({ location }: TaskResult): void {
    if (location === undefined) return;
    const { file, offset, length } = location;
    this.#blockEnds.set(file, Math.max(this.#blockEnds.get(file) ?? 0, offset + length));
  }

  #take(id: number): PromiseWithResolvers<TaskResult> | undefined {
    const pending = this.#tasks.get(id);
    this.#tasks.delete(id);
    return pending;
  }

  #onDeath(error: Error): void {
    const failure: WriterFailure = { code: 'unavailable', message: `the writer stopped: ${error.message}` };
    const wasAtWork = this.#death === undefined;
    this.#death = failure;
    for (const pending of this.#tasks.values()) pending.reject(asError(failure));
    this.#tasks.clear();
    if (wasAtWork) this.#listener.died(new Error(failure.message, { cause: error }));
  }
}

function asError(failure: WriterFailure): PlimsollError {
  return new PlimsollError(failure.code, failure.message);
}
