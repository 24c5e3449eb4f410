import { fromBinary } from '@bufbuild/protobuf';
import { type StreamRequest, StreamRequestSchema } from '@plimsoll/proto';

/** A Frame as ingest uses it: numbers instead of bigints, values as doubles. */
export interface DecodedFrame {
  readonly case: 'frame';
  epoch: number;
  sequence: number;
  timestampMs: number;
  dictionaryVersion: number;
  /** In memory that the next request uses again. */
  values: Float64Array;
  backfill: boolean;
  sentAtUs: number;
  /** NaN when the agent has not measured it yet. */
  clockOffsetUs: number;
}

export type DecodedRequest = DecodedFrame | Exclude<StreamRequest['message'], { case: 'frame' }>;

/** Field number << 3 | wire type of StreamRequest.frame. */
const FRAME_TAG = (3 << 3) | 2;
const VALUES_TAG = (5 << 3) | 2;
const WIRE_VARINT = 0;
const NO_VALUES = new Float64Array(0);

/**
 * Decodes one request. Frames, all but a handful of the messages, take a path of their own: the generic decoder costs
 * several microseconds a message in bigints and objects, this one a fraction of that. It reads the same wire format;
 * anything unusual in a frame (an unknown field, a repeated one) goes to the generic decoder. A frame's values are valid
 * until the next call.
 *
 * @throws Error when the bytes are not a StreamRequest.
 */
export function decodeRequest(bytes: Uint8Array): DecodedRequest {
  if (bytes[0] === FRAME_TAG) {
    const frame = new FrameReader(bytes).read();
    if (frame !== undefined) return frame;
  }
  const { message } = fromBinary(StreamRequestSchema, bytes);
  if (message.case !== 'frame') return message;
  const { value } = message;
  return {
    case: 'frame',
    epoch: Number(value.epoch),
    sequence: Number(value.sequence),
    timestampMs: Number(value.timestampMs),
    dictionaryVersion: value.dictionaryVersion,
    values: toDoubles(value.values, 0, value.values.length),
    backfill: value.backfill,
    sentAtUs: Number(value.sentAtUs),
    clockOffsetUs: value.clockOffsetUs === undefined ? Number.NaN : Number(value.clockOffsetUs),
  };
}

/** Reads the common form of a frame; `read` answers undefined for anything else. */
class FrameReader {
  readonly #bytes: Uint8Array;
  #at = 1;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  read(): DecodedFrame | undefined {
    const length = this.#varint();
    if (this.#at + length !== this.#bytes.length) return undefined;
    const frame: DecodedFrame = {
      case: 'frame',
      epoch: 0,
      sequence: 0,
      timestampMs: 0,
      dictionaryVersion: 0,
      values: NO_VALUES,
      backfill: false,
      sentAtUs: 0,
      clockOffsetUs: Number.NaN,
    };
    while (this.#at < this.#bytes.length) if (!this.#field(frame)) return undefined;
    return this.#at === this.#bytes.length ? frame : undefined;
  }

  #field(frame: DecodedFrame): boolean {
    const tag = this.#bytes[this.#at++] ?? 0;
    if (tag === VALUES_TAG) return this.#values(frame);
    if ((tag & 7) !== WIRE_VARINT) return false;
    const value = this.#varint();
    switch (tag >> 3) {
      case 1:
        frame.epoch = value;
        return true;
      case 2:
        frame.sequence = value;
        return true;
      case 3:
        frame.timestampMs = value;
        return true;
      case 4:
        frame.dictionaryVersion = value;
        return true;
      case 6:
        frame.backfill = value !== 0;
        return true;
      case 7:
        frame.sentAtUs = value;
        return true;
      case 8:
        frame.clockOffsetUs = value;
        return true;
      default:
        return false;
    }
  }

  #values(frame: DecodedFrame): boolean {
    const length = this.#varint();
    if (frame.values !== NO_VALUES || this.#at + length > this.#bytes.length) return false;
    frame.values = toDoubles(this.#bytes, this.#at, length);
    this.#at += length;
    return true;
  }

  /**
   * A varint as a number: exact up to 2^53, and for negative 64-bit values (ten bytes) the sum wraps in floating
   * point to the right small negative number because the high part is taken as signed.
   */
  #varint(): number {
    const bytes = this.#bytes;
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = bytes[this.#at++];
      if (byte === undefined) throw new Error('the message ends inside a number');
      const part = byte & 0x7f;
      if (shift < 28) low |= part << shift;
      else if (shift === 28) {
        low |= (part << 28) >>> 0;
        high |= part >> 4;
      } else high |= part << (shift - 32);
      if (byte < 0x80) return high * 0x1_0000_0000 + (low >>> 0);
    }
    throw new Error('a number is longer than ten bytes');
  }
}

let memory = new Float64Array(1024);
let memoryBytes = new Uint8Array(memory.buffer);
/** What of the memory was used last: most messages are as long as the one before. */
let used = memory;

/**
 * Copies bytes to where they are aligned, as they rarely are in a message. Always the same memory: an array of its own
 * for each message costs the allocator, and what tidies up behind it, more than everything else here together.
 */
function toDoubles(bytes: Uint8Array, start: number, length: number): Float64Array {
  if (length % 8 !== 0) throw new Error(`values are ${length} bytes, not a multiple of 8`);
  if (length > memoryBytes.length) {
    memory = new Float64Array(length / 8);
    memoryBytes = new Uint8Array(memory.buffer);
  }
  memoryBytes.set(bytes.subarray(start, start + length));
  if (used.length * 8 !== length || used.buffer !== memory.buffer) used = memory.subarray(0, length / 8);
  return used;
}
