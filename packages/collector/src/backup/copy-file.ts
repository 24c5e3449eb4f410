import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { PlimsollError } from '../errors.ts';
import { COPY_CHUNK_BYTES } from './limits.ts';

export interface CopyOptions {
  /** Only so much from the beginning; without it, to the file's end. */
  readonly sizeBytes?: number;
  readonly signal?: AbortSignal | undefined;
  /** Told of bytes as they are done. */
  readonly onBytes?: (bytes: number) => void;
}

export interface Copied {
  readonly sizeBytes: number;
  readonly sha256: string;
}

/** Copies a file to one that must not be there yet, readable by its owner alone; durable when it resolves. */
export async function copyFile(source: string, target: string, options: CopyOptions = {}): Promise<Copied> {
  await using from = await open(source, 'r');
  await using to = await open(target, 'wx', 0o600);
  const copied = await readThrough(from, source, options, async (chunk) => writeAll(to, chunk));
  await to.datasync();
  return copied;
}

/** Reads a file for its size and hash. */
export async function hashFile(source: string, options: CopyOptions = {}): Promise<Copied> {
  await using from = await open(source, 'r');
  return await readThrough(from, source, options, async () => undefined);
}

async function readThrough(
  from: FileHandle,
  source: string,
  { sizeBytes, signal, onBytes }: CopyOptions,
  take: (chunk: Uint8Array) => Promise<void>,
): Promise<Copied> {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(COPY_CHUNK_BYTES);
  let done = 0;
  const end = sizeBytes ?? Infinity;
  while (done < end) {
    signal?.throwIfAborted();
    const { bytesRead } = await from.read(buffer, 0, Math.min(buffer.length, end - done), done);
    if (bytesRead === 0) break;
    const chunk = buffer.subarray(0, bytesRead);
    hash.update(chunk);
    await take(chunk);
    done += bytesRead;
    onBytes?.(bytesRead);
  }
  if (sizeBytes !== undefined && done < sizeBytes) {
    throw new PlimsollError('unavailable', `${source} ends after ${done} of ${sizeBytes} bytes`);
  }
  return { sizeBytes: done, sha256: hash.digest('hex') };
}

async function writeAll(to: FileHandle, chunk: Uint8Array): Promise<void> {
  let written = 0;
  while (written < chunk.length) {
    const { bytesWritten } = await to.write(chunk, written, chunk.length - written);
    written += bytesWritten;
  }
}
