import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { PlimsollError } from '../errors.ts';
import { COPY_CHUNK_BYTES } from './limits.ts';

export interface ReadOptions {
  /** Only so much from the beginning; without it, to the file's end. */
  readonly sizeBytes?: number;
  readonly signal?: AbortSignal | undefined;
}

export interface CopyOptions extends ReadOptions {
  /** Told of bytes as they are done. */
  readonly onBytes?: (bytes: number) => void;
  /** Shown what is read, part by part. */
  readonly onPart?: (part: Uint8Array) => void;
}

export interface Copied {
  readonly sizeBytes: number;
  readonly sha256: string;
}

/** Copies a file to one that must not be there yet, readable by its owner alone; durable when it resolves. */
export async function copyFile(source: string, target: string, options: CopyOptions = {}): Promise<Copied> {
  await using to = await open(target, 'wx', 0o600);
  const copied = await readThrough(source, options, async (part) => writeAll(to, part));
  await to.datasync();
  return copied;
}

/** Reads a file for its size and hash. */
export async function hashFile(source: string, options: CopyOptions = {}): Promise<Copied> {
  return await readThrough(source, options, async () => undefined);
}

/**
 * Reads a file in parts of `COPY_CHUNK_BYTES`, but for the last; each is valid until the next.
 *
 * @throws PlimsollError 'unavailable' where it is shorter than it should be.
 */
export async function* partsOf(source: string, options: ReadOptions = {}): AsyncGenerator<Uint8Array, void> {
  const { sizeBytes, signal } = options;
  await using from = await open(source, 'r');
  const buffer = Buffer.allocUnsafe(COPY_CHUNK_BYTES);
  let done = 0;
  const end = sizeBytes ?? Infinity;
  while (done < end) {
    signal?.throwIfAborted();
    const length = await fill(from, buffer.subarray(0, Math.min(buffer.length, end - done)), done);
    if (length === 0) break;
    yield buffer.subarray(0, length);
    done += length;
  }
  if (sizeBytes !== undefined && done < sizeBytes) {
    throw new PlimsollError('unavailable', `${source} ends after ${done} of ${sizeBytes} bytes`);
  }
}

/** Reads until the buffer is full or the file ends. */
async function fill(from: FileHandle, buffer: Uint8Array, position: number): Promise<number> {
  let length = 0;
  while (length < buffer.length) {
    const { bytesRead } = await from.read(buffer, length, buffer.length - length, position + length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return length;
}

async function readThrough(
  source: string,
  options: CopyOptions,
  take: (part: Uint8Array) => Promise<void>,
): Promise<Copied> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  for await (const part of partsOf(source, options)) {
    hash.update(part);
    options.onPart?.(part);
    await take(part);
    sizeBytes += part.length;
    options.onBytes?.(part.length);
  }
  return { sizeBytes, sha256: hash.digest('hex') };
}

async function writeAll(to: FileHandle, part: Uint8Array): Promise<void> {
  let written = 0;
  while (written < part.length) {
    const { bytesWritten } = await to.write(part, written, part.length - written);
    written += bytesWritten;
  }
}
