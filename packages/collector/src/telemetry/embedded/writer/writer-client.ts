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
import type { WriterListener, WriterPort } from './writer-port.ts';

export interface CommitListener {
  readonly committed: (reply: WriterReply & { kind: 'committed' }) => void;
  readonly commitFailed: (reply: WriterReply & { kind: 'commit-failed' }) => void;
  readonly died: (error: Error) => void;
}

/** The main thread's side of the writer: commits with callbacks, tasks as promises. */
export class WriterClient {
  readonly #port: WriterPort;
  readonly #tasks = new Map<number, PromiseWithResolvers<TaskResult>>();
  readonly #listener: CommitListener;
  #nextId = 1;
  /** Why there is no writer any more. */
  #death: WriterFailure | undefined;

  constructor(start: (listener: WriterListener) => WriterPort, listener: CommitListener) {
    this.#listener = listener;
    this.#port = start({
      onReply: (reply) => this.#onReply(reply),
      onDeath: (error) => this.#onDeath(error),
    });
  }

  commit(request: CommitRequest): void {
    this.#port.post(request, [request.buffer]);
  }

  /** Rejects with PlimsollError 'out_of_space' or 'unavailable'; the task has then had no effect that counts. */
  run(task: WriterTask): Promise<TaskResult> {
    return this.#ask((id) => ({ kind: 'task', id, task }));
  }

  /** The files of log and blocks with what was committed before this call, and nothing committed after it. */
  async cut(): Promise<readonly CutFile[]> {
    const { cut = [] } = await this.#ask((id) => ({ kind: 'cut', id }));
    return cut;
  }

  async close(): Promise<void> {
    if (this.#death !== undefined) return;
    await this.run({ kind: 'close' });
    await this.#port.end();
  }

  #ask(request: (id: number) => WriterRequest): Promise<TaskResult> {
    if (this.#death !== undefined) return Promise.reject(asError(this.#death));
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
        this.#take(reply.id)?.resolve(reply.result);
        return;
      case 'task-failed':
        this.#take(reply.id)?.reject(asError(reply.failure));
        return;
    }
  }

  #take(id: number): PromiseWithResolvers<TaskResult> | undefined {
    const pending = this.#tasks.get(id);
    this.#tasks.delete(id);
    return pending;
  }

  #onDeath(error: Error): void {
    // An error is followed by the thread's end.
    if (this.#death !== undefined) return;
    const failure: WriterFailure = { code: 'unavailable', message: `the writer stopped: ${error.message}` };
    this.#death = failure;
    for (const pending of this.#tasks.values()) pending.reject(asError(failure));
    this.#tasks.clear();
    this.#listener.died(error);
  }
}

function asError(failure: WriterFailure): PlimsollError {
  return new PlimsollError(failure.code, failure.message);
}
