import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Labels } from '@plimsoll/promql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ByteWriter } from '../byte-writer.ts';
import { systemFiles } from '../files.ts';
import { FRAME_HEAD_BYTES, sealFrame } from '../framing.ts';
import { writeFrameRecord, writeSeriesRecord, writeSetRecord } from './log-records.ts';
import { LogSegments, logSegmentPath } from './log-segments.ts';
import { replayLog } from './replay-log.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'plimsoll-log-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function group(write: (out: ByteWriter) => void): Uint8Array {
  const out = new ByteWriter();
  out.skip(FRAME_HEAD_BYTES);
  write(out);
  const frame = out.written().slice();
  sealFrame(frame);
  return frame;
}

function frameGroup(sequence: number): Uint8Array {
  const refs = Uint32Array.of(0);
  const frame = { agentId: 'a', epoch: 1, sequence, timestampMs: 1000 * sequence, refs, backfill: false };
  return group((out) => {
    if (sequence === 1) {
      writeSeriesRecord(out, 0, Labels.of({ __name__: 'm', text: 'ä\n"' }).pairs);
      writeSetRecord(out, 1, 'a', refs);
    }
    writeFrameRecord(out, 1, { ...frame, values: Float64Array.of(sequence) });
  });
}

const nothing = (): void => undefined;

function replaySequences(from: string): { readonly sequences: number[]; readonly tornBytes: number } {
  const sequences: number[] = [];
  const { tornBytes } = replayLog(from, nothing, {
    knows: () => false,
    series: nothing,
    set: nothing,
    samples: nothing,
    metadata: nothing,
    frame: (_, { sequence }) => sequences.push(sequence),
  });
  return { sequences, tornBytes };
}

describe('the log', () => {
  it('is read up to the last whole group, wherever the last one is cut off', () => {
    const log = new LogSegments(directory, systemFiles);
    for (const sequence of [1, 2]) log.append(1, frameGroup(sequence));
    const whole = log.sizeBytes;
    log.append(1, frameGroup(3));
    log.close();
    const complete = readFileSync(logSegmentPath(directory, 1));
    for (let size = whole; size <= complete.length; size++) {
      const torn = join(directory, `torn-${size}`);
      mkdirSync(torn);
      writeFileSync(logSegmentPath(torn, 1), complete.subarray(0, size));
      const all = size === complete.length;
      expect(replaySequences(torn)).toEqual({
        sequences: all ? [1, 2, 3] : [1, 2],
        tornBytes: all ? 0 : size - whole,
      });
    }
  });

  it('never takes a flipped bit for a group', () => {
    const log = new LogSegments(directory, systemFiles);
    log.append(1, frameGroup(1));
    const whole = log.sizeBytes;
    log.append(1, frameGroup(2));
    log.close();
    const path = logSegmentPath(directory, 1);
    const complete = readFileSync(path);
    for (let at = whole; at < complete.length; at++) {
      const flipped = Buffer.from(complete);
      flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
      writeFileSync(path, flipped);
      expect(replaySequences(directory).sequences).toEqual([1]);
    }
  });

  it('goes on in a new segment after a torn one', () => {
    const first = new LogSegments(directory, systemFiles);
    first.append(1, frameGroup(1));
    first.append(1, frameGroup(2));
    first.close();
    const path = logSegmentPath(directory, 1);
    truncateSync(path, statSync(path).size - 3);
    const second = new LogSegments(directory, systemFiles);
    second.append(2, frameGroup(3));
    second.dropBefore(2, Infinity, directory);
    second.append(2, frameGroup(4));
    second.close();
    expect(replaySequences(directory)).toEqual({ sequences: [3, 4], tornBytes: 0 });
  });

  it.each([
    ['newer', [12], 'newer version'],
    // Neither its header nor what is behind it is one of ours.
    ['foreign', [0, 20], 'not a log segment'],
  ])('refuses a %s segment', (_, offsets, message) => {
    const log = new LogSegments(directory, systemFiles);
    log.append(1, frameGroup(1));
    log.close();
    const path = logSegmentPath(directory, 1);
    copyFileSync(path, `${path}.bak`);
    const bytes = readFileSync(path);
    for (const offset of offsets) bytes[offset] = 99;
    writeFileSync(path, bytes);
    expect(() => replaySequences(directory)).toThrow(message);
  });
});
