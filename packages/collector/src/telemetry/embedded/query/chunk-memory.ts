import { type PaddedBytes, padded } from '../chunk/padded-bytes.ts';

const MAX_PIECE_BYTES = 128 * 1024;

/**
 * Chunks side by side in a few pieces of memory. Kept as they come out of the database, each an array of its own, they
 * cost the garbage collector more than decoding them does.
 */
export class ChunkMemory {
  /** Where the chunk put in last lies: from `at` of this on. */
  source: PaddedBytes = padded(new Uint8Array());
  at = 0;
  /** What all pieces take. */
  bytes = 0;
  #end = 0;

  /** Takes a chunk, its padding included. */
  put(chunk: Uint8Array): void {
    if (this.#end + chunk.length > this.source.bytes.length) this.#addPiece(chunk.length);
    this.source.bytes.set(chunk, this.#end);
    this.at = this.#end;
    this.#end += chunk.length;
  }

  /** The first is as large as its chunk, and the others grow: many hold one series' chunk only. */
  #addPiece(least: number): void {
    const length = Math.max(least, Math.min(MAX_PIECE_BYTES, this.source.bytes.length * 2));
    this.source = padded(new Uint8Array(length));
    this.bytes += length;
    this.#end = 0;
  }
}
