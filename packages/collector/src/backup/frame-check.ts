import { crc32 } from 'node:zlib';
import { hasKnownHeader } from '../page-sums/known-header.ts';
import { isTornTail } from '../page-sums/torn-tail.ts';
import { FILE_HEADER_BYTES, FRAME_HEAD_BYTES } from '../telemetry/embedded/framing.ts';

/** The most that is kept of a frame that is longer than the file, to tell a crash from damage, bytes. */
const MAX_TAIL_BYTES = 16 * 1024 * 1024;

export interface FrameFileKind {
  readonly kind: number;
  readonly newestVersion: number;
}

/** Checks the frames of a log segment or a file of blocks while somebody reads it, in order. */
export class FrameCheck {
  readonly #kind: FrameFileKind;
  readonly #faults: string[] = [];
  /** Bytes before the header or frame that is being read. */
  #offset = 0;
  #readBytes = 0;
  #wantedBytes = FILE_HEADER_BYTES;
  /** What was read of it, as far as it is kept. */
  #parts: Uint8Array[] = [];
  #sum = 0;

  constructor(kind: FrameFileKind) {
    this.#kind = kind;
  }

  take(part: Uint8Array): void {
    for (let at = 0; at < part.length;) {
      const taken = part.subarray(at, at + this.#wantedBytes - this.#readBytes);
      at += taken.length;
      this.#read(taken);
    }
  }

  /** What does not hold, each in words. */
  finish(): readonly string[] {
    const bytes = this.#readBytes;
    if (
      this.#offset > 0 &&
      bytes > 0 &&
      (bytes > MAX_TAIL_BYTES || !isTornTail(Buffer.concat(this.#parts), 0))
    ) {
      this.#faults.push(`its last ${bytes} bytes are no whole part of it`);
    }
    return this.#faults;
  }

  #read(taken: Uint8Array): void {
    this.#readBytes += taken.length;
    if (this.#readBytes > FRAME_HEAD_BYTES) this.#sum = crc32(taken, this.#sum);
    const isDone = this.#readBytes === this.#wantedBytes;
    // Only a frame that goes on behind what is read is needed later; the reader uses its buffer again.
    const isHead = this.#wantedBytes <= FILE_HEADER_BYTES;
    if (isHead || (!isDone && this.#readBytes <= MAX_TAIL_BYTES)) this.#parts.push(Uint8Array.from(taken));
    if (isDone) this.#complete();
  }

  #complete(): void {
    if (this.#offset === 0) {
      const { kind, newestVersion } = this.#kind;
      const isKnown = hasKnownHeader(Buffer.concat(this.#parts), kind, newestVersion);
      if (!isKnown) this.#faults.push('its header is damaged');
      this.#next();
      return;
    }
    const head = Buffer.concat(this.#parts).subarray(0, FRAME_HEAD_BYTES);
    if (this.#readBytes === FRAME_HEAD_BYTES) {
      this.#parts = [head];
      this.#sum = crc32(head.subarray(0, 4));
      this.#wantedBytes += head.readUInt32LE(0);
      if (this.#wantedBytes > FRAME_HEAD_BYTES) return;
    }
    if (this.#sum !== head.readUInt32LE(4)) this.#faults.push(`is damaged at byte ${this.#offset}`);
    this.#next();
  }

  #next(): void {
    this.#offset += this.#readBytes;
    this.#readBytes = 0;
    this.#wantedBytes = FRAME_HEAD_BYTES;
    this.#parts = [];
  }
}
