import { statfsSync } from 'node:fs';
import { join } from 'node:path';
import type { FileLayer } from '../files.ts';
import { sealFrame } from '../framing.ts';
import { LogSegments } from '../log/log-segments.ts';
import { type WriterReply, type WriterRequest, writerFailure } from './writer-protocol.ts';

export interface WriterOptions {
  readonly path: string;
  /** Commits are refused while the file system has less than this to spare. */
  readonly freeSpaceReserveBytes: number;
}

export type Reply = (reply: WriterReply, transfer: ArrayBuffer[]) => void;

/** Everything that writes: owns the log. Runs on a thread of its own, or in place under test. */
export class StoreWriter {
  readonly #options: WriterOptions;
  readonly #reply: Reply;
  readonly #log: LogSegments;

  constructor(options: WriterOptions, files: FileLayer, reply: Reply) {
    this.#options = options;
    this.#reply = reply;
    this.#log = new LogSegments(join(options.path, 'log'), files);
  }

  handle(request: WriterRequest): void {
    switch (request.kind) {
      case 'commit':
        this.#commit(request);
        return;
      case 'drop-log':
        this.#log.dropBefore(request.beforeSegment);
        this.#reply({ kind: 'log-dropped', logBytes: this.#log.sizeBytes }, []);
        return;
      case 'close':
        this.#log.close();
        this.#reply({ kind: 'closed' }, []);
        return;
    }
  }

  #commit({ group, segment, buffer, length }: WriterRequest & { kind: 'commit' }): void {
    try {
      this.#checkFreeSpace();
      const frame = new Uint8Array(buffer, 0, length);
      sealFrame(frame);
      const startMs = performance.now();
      this.#log.append(segment, frame);
      const syncSeconds = (performance.now() - startMs) / 1000;
      this.#reply({ kind: 'committed', group, buffer, syncSeconds, logBytes: this.#log.sizeBytes }, [buffer]);
    } catch (error) {
      this.#reply({ kind: 'commit-failed', group, buffer, failure: writerFailure(error) }, [buffer]);
    }
  }

  #checkFreeSpace(): void {
    const { freeSpaceReserveBytes, path } = this.#options;
    if (freeSpaceReserveBytes === 0) return;
    const { bavail, bsize } = statfsSync(path);
    if (bavail * bsize >= freeSpaceReserveBytes) return;
    const message = `${path} has ${bavail * bsize} bytes free, less than the reserve of ${freeSpaceReserveBytes}`;
    throw Object.assign(new Error(message), { code: 'ENOSPC' });
  }
}
