import { Worker } from 'node:worker_threads';
import type { FileLayer } from '../files.ts';
import { writerEntry } from './writer-entry.ts';
import type { WriterReply, WriterRequest } from './writer-protocol.ts';
import { StoreWriter, type WriterOptions } from './store-writer.ts';

/** The way to the writer. Requests are served in order; replies arrive on the caller's thread. */
export interface WriterPort {
  post(request: WriterRequest, transfer: ArrayBuffer[]): void;
  /** Ends the writer's thread after its last reply. */
  end(): Promise<void>;
}

export interface WriterListener {
  readonly onReply: (reply: WriterReply) => void;
  /** The writer's thread is gone: nothing is written or answered any more. Told once, after its last reply. */
  readonly onDeath: (error: Error) => void;
}

/** The writer's garbage is short-lived and small: its memory counts in the whole process'. */
const YOUNG_GENERATION_MIB = 6;

/** A writer on a thread of its own. */
export function startWriterThread(
  options: WriterOptions,
  listener: WriterListener,
  entry = writerEntry(),
): WriterPort {
  const worker = new Worker(entry, {
    workerData: options,
    name: 'plimsoll-writer',
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MIB },
  });
  let ending = false;
  worker.on('message', listener.onReply);
  let cause: Error | undefined;
  // The end of the thread follows: until then it may still have files open, and replies on their way.
  worker.on('error', (error) => (cause = error instanceof Error ? error : new Error(String(error))));
  worker.on('exit', (code) => {
    if (!ending) listener.onDeath(cause ?? new Error(`the writer's thread ended with ${code}`));
  });
  return {
    post: (request, transfer) => worker.postMessage(request, transfer),
    async end() {
      ending = true;
      await worker.terminate();
    },
  };
}

/** A writer on the caller's thread over a given file layer; replies come in a later turn, as from a thread. */
export function startWriterInPlace(
  options: WriterOptions,
  files: FileLayer,
  listener: WriterListener,
): WriterPort {
  const writer = new StoreWriter(options, files, (reply) => setImmediate(() => listener.onReply(reply)));
  return {
    post: (request) => writer.handle(request),
    end: () => Promise.resolve(),
  };
}
