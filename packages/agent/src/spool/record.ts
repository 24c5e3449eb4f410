import { crc32 } from 'node:zlib';
import type { CollectedFrame } from '../frame/framer.ts';

/**
 * A segment file, all numbers little-endian:
 *
 *     header   8 bytes "plmspool", u32 version, u32 0
 *     record   u32 length of the payload, u32 CRC-32 of kind and payload, u8 kind, payload
 *
 * The payload of a dictionary record is a plimsoll.v1.Dictionary. That of a frame record is u64 sequence, i64 timestamp
 * in milliseconds, u32 dictionary version, then the values as they are sent. The first record is a complete dictionary,
 * later ones amend it: a segment can be read alone.
 */
const MAGIC = Buffer.from('plmspool', 'latin1');
export const SEGMENT_VERSION = 1;
export const HEADER_BYTES = 16;
export const RECORD_PREFIX_BYTES = 9;

export const RecordKind = { dictionary: 1, frame: 2 } as const;

export interface RecordView {
  readonly kind: number;
  readonly offset: number;
  readonly payload: Uint8Array;
  /** Where the next record begins. */
  readonly end: number;
}

export function encodeHeader(): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  MAGIC.copy(header);
  header.writeUInt32LE(SEGMENT_VERSION, MAGIC.length);
  return header;
}

/** The version in a header; undefined when these bytes are no header. */
export function readHeaderVersion(bytes: Buffer): number | undefined {
  if (bytes.length < HEADER_BYTES || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) return undefined;
  return bytes.readUInt32LE(MAGIC.length);
}

/** A record in one piece, so that one write either has it all or leaves a torn tail. */
export function encodeRecord(kind: number, payload: Uint8Array): Buffer {
  const record = Buffer.allocUnsafe(RECORD_PREFIX_BYTES + payload.length);
  record.writeUInt32LE(payload.length, 0);
  record.writeUInt8(kind, 8);
  record.set(payload, RECORD_PREFIX_BYTES);
  record.writeUInt32LE(crc32(record.subarray(8)), 4);
  return record;
}

/** The record at `offset`; undefined where the bytes end too soon or do not match their CRC. */
export function readRecord(bytes: Buffer, offset: number): RecordView | undefined {
  if (offset + RECORD_PREFIX_BYTES > bytes.length) return undefined;
  const end = offset + RECORD_PREFIX_BYTES + bytes.readUInt32LE(offset);
  if (end > bytes.length) return undefined;
  if (crc32(bytes.subarray(offset + 8, end)) !== bytes.readUInt32LE(offset + 4)) return undefined;
  return {
    kind: bytes.readUInt8(offset + 8),
    offset,
    payload: bytes.subarray(offset + RECORD_PREFIX_BYTES, end),
    end,
  };
}

const FRAME_HEAD_BYTES = 20;

/** A frame record's payload; its epoch is in the segment's name. */
export function encodeFramePayload(frame: Omit<CollectedFrame, 'epoch'>): Uint8Array {
  const payload = Buffer.allocUnsafe(FRAME_HEAD_BYTES + frame.values.length);
  payload.writeBigUInt64LE(BigInt(frame.sequence), 0);
  payload.writeBigInt64LE(BigInt(frame.timestampMs), 8);
  payload.writeUInt32LE(frame.dictionaryVersion, 16);
  payload.set(frame.values, FRAME_HEAD_BYTES);
  return payload;
}

/** The frame of a payload, whose bytes it goes on using. */
export function decodeFramePayload(payload: Uint8Array, epoch: number): CollectedFrame {
  const head = Buffer.from(payload.buffer, payload.byteOffset, FRAME_HEAD_BYTES);
  return {
    epoch,
    sequence: Number(head.readBigUInt64LE(0)),
    timestampMs: Number(head.readBigInt64LE(8)),
    dictionaryVersion: head.readUInt32LE(16),
    values: payload.subarray(FRAME_HEAD_BYTES),
  };
}
