import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Framer } from '../frame/framer.ts';
import { KeyedRuns } from '../frame/keyed-runs.ts';
import { gauge, seriesOf } from '../frame/series.ts';
import { SeriesTable } from '../frame/series-table.ts';
import type { Log } from '../log.ts';
import type { KeptFrame } from '../uplink/frame-source.ts';
import { Spool } from './spool.ts';

const MIB = 1024 * 1024;
/** Prefix 9, sequence 8, timestamp 8, version 4, one value 8. */
const ONE_SERIES_RECORD_BYTES = 37;

/** Makes frames of one epoch, each with the number of devices it is told. */
class Source {
  readonly #table = new SeriesTable();
  readonly #runs = new KeyedRuns(this.#table, (device) => seriesOf([gauge('m', 'M.')], { device }));
  readonly #framer: Framer;

  constructor(epoch: number) {
    this.#framer = new Framer(this.#table, epoch);
  }

  frame(devices = 1): ReturnType<Framer['take']> {
    this.#table.begin();
    this.#runs.begin();
    for (let i = 0; i < devices; i++) this.#table.set(this.#runs.at(`d${i}`), i);
    this.#runs.end();
    return this.#framer.take(1_000);
  }
}

/** The sequences of all waiting frames. */
function all(spool: Spool): number[] {
  return spool.take(100_000).map(({ sequence }) => sequence);
}

describe('the spool', () => {
  let directory: string;
  let messages: string[];
  const note = (_: object, message: string): void => void messages.push(message);
  const log: Log = { debug: note, info: note, warn: note, error: note };
  const open = (maxBytes = 8 * MIB): Spool => Spool.open(directory, maxBytes, log, () => 0);

  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'plimsoll-spool-'));
    messages = [];
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it('gives out waiting frames once, oldest first, and again after a lost stream', () => {
    using spool = open();
    const source = new Source(5);
    for (let i = 0; i < 5; i++) spool.append(source.frame());
    spool.claim(5, 5);
    expect(spool.take(2).map(({ sequence }) => sequence)).toEqual([1, 2]);
    expect(all(spool)).toEqual([3, 4]);
    spool.settle(5, 2, 3);
    spool.rewind();
    expect(all(spool)).toEqual([1, 4, 5]);
    expect(spool.stats.frames).toBe(3);
  });

  it('has after kill -9 every frame that was not settled, each with its own dictionary', () => {
    const source = new Source(5);
    const killed = open();
    const versions = [1, 3, 2].map((devices) => {
      const frame = source.frame(devices);
      killed.append(frame);
      return { version: frame.dictionaryVersion, values: frame.values, size: frame.values.length / 8 };
    });
    killed.settle(5, 1, 1);
    using spool = open();
    const frames = spool.take(10);
    const kept = frames.filter(({ sequence }) => sequence > 1);
    expect(kept.map(({ sequence }) => sequence)).toEqual([2, 3]);
    for (const frame of kept) {
      const written = versions[frame.sequence - 1];
      expect(frame.dictionaryVersion).toBe(written?.version);
      expect(Buffer.from(frame.values)).toEqual(Buffer.from(written?.values ?? []));
      const dictionary = frame.dictionary();
      expect(dictionary.version).toBe(written?.version);
      expect(dictionary.slots).toHaveLength(written?.size ?? -1);
    }
  });

  it('reads up to the last whole record wherever the tail is torn', () => {
    const source = new Source(5);
    const written = open();
    for (let i = 0; i < 3; i++) written.append(source.frame());
    const [name = ''] = readdirSync(directory);
    const file = path.join(directory, name);
    const whole = readFileSync(file);
    const last = whole.length - ONE_SERIES_RECORD_BYTES;
    for (let length = whole.length - 1; length > last; length--) {
      truncateSync(file, length);
      using spool = open();
      expect(all(spool)).toEqual([1, 2]);
    }
    writeFileSync(file, whole);
    appendFileSync(file, 'not a record');
    using spool = open();
    expect(all(spool)).toEqual([1, 2, 3]);
    expect(messages).toContain('a segment ends in the middle of a record: cut there');
  });

  it('leaves out a frame damaged on disk since it was opened, and gives the others', () => {
    const source = new Source(5);
    using spool = open();
    for (let i = 0; i < 3; i++) spool.append(source.frame());
    const [name = ''] = readdirSync(directory);
    const file = path.join(directory, name);
    const bytes = readFileSync(file);
    const inSecond = bytes.length - 2 * ONE_SERIES_RECORD_BYTES + 20;
    bytes[inSecond] = (bytes[inSecond] ?? 0) ^ 0xff;
    writeFileSync(file, bytes);
    expect(all(spool)).toEqual([1, 3]);
    expect(spool.stats.damaged).toBe(1);
  });

  it('drops the oldest frames at its limit, counts them, and never holds more', () => {
    using spool = open(MIB);
    const source = new Source(5);
    const frames = 400;
    for (let i = 0; i < frames; i++) {
      spool.append(source.frame(1000));
      expect(spool.stats.bytes).toBeLessThanOrEqual(MIB);
    }
    const left = all(spool);
    expect(left.at(-1)).toBe(frames);
    expect(left).toEqual(Array.from({ length: left.length }, (_, i) => frames - left.length + 1 + i));
    expect(spool.stats.dropped).toBe(frames - left.length);
    expect(left.length).toBeGreaterThan(60);
    expect(messages.filter((message) => message.includes('full'))).toHaveLength(1);
  });

  it('keeps files small while everything is acknowledged, and leaves none when it ends in order', () => {
    const source = new Source(5);
    {
      using spool = open();
      for (let i = 1; i <= 500; i++) {
        spool.append(source.frame(100));
        spool.claim(5, i);
        spool.settle(5, i, i);
        expect(spool.stats.frames).toBe(0);
        expect(spool.stats.bytes).toBeLessThan(256 * 1024);
      }
    }
    expect(readdirSync(directory)).toEqual([]);
  });

  it('keeps frames of earlier epochs apart from those of this one', () => {
    const first = open();
    const before = new Source(5);
    first.append(before.frame());
    using spool = open();
    const now = new Source(6);
    spool.append(now.frame());
    spool.settle(6, 1, 1);
    expect(spool.take(10).map(({ epoch, sequence }: KeptFrame) => [epoch, sequence])).toEqual([[5, 1]]);
  });

  it('says and counts what the disk does not take, and goes on when it does again', () => {
    using spool = open();
    const source = new Source(5);
    rmSync(directory, { recursive: true });
    expect(spool.append(source.frame(1))).toBe(false);
    expect(spool.append(source.frame(2))).toBe(false);
    expect(spool.stats).toMatchObject({ frames: 0, unwritten: 2 });
    using reopened = open();
    expect(reopened.stats.frames).toBe(0);
    expect(spool.append(source.frame(3))).toBe(true);
    // The amendments of the lost frames are in the complete dictionary of this one.
    const [frame] = spool.take(1);
    expect(frame?.dictionary().slots.map(({ labels }) => labels[1])).toEqual(['d0', 'd1', 'd2']);
  });

  it('refuses a segment of a newer version instead of reading it wrongly', () => {
    const spool = open();
    spool.append(new Source(5).frame());
    const [name = ''] = readdirSync(directory);
    const bytes = readFileSync(path.join(directory, name));
    bytes.writeUInt32LE(2, 8);
    writeFileSync(path.join(directory, name), bytes);
    expect(() => open()).toThrow(/newer agent/);
  });
});

/** A filesystem of 200 KiB for one command, where this user may make one. */
function onTinyDisk(directory: string, command: readonly string[]): ReturnType<typeof spawnSync> {
  const script = 'mount -t tmpfs -o size=200k tmpfs "$1" && shift && exec "$@"';
  return spawnSync('unshare', ['-rm', 'sh', '-c', script, 'sh', directory, ...command], { encoding: 'utf8' });
}

describe('the spool on a full disk', () => {
  // A directory of its own: whatever lies below the mount, the checkout perhaps, is hidden by it.
  const mount = mkdtempSync(path.join(tmpdir(), 'plimsoll-tiny-'));
  afterAll(() => rmSync(mount, { recursive: true }));
  const possible = process.platform === 'linux' && onTinyDisk(mount, ['true']).status === 0;

  it.runIf(possible)('keeps what it wrote, litters nothing, and goes on when there is space', () => {
    const program = path.join(import.meta.dirname, '../testing/fill-spool.ts');
    const { stdout, stderr, status } = onTinyDisk(mount, [process.execPath, program, mount]);
    expect(status, String(stderr)).toBe(0);
    const seen = JSON.parse(String(stdout)) as {
      frames: number;
      written: number[];
      unwritten: number;
      filesWhenFull: number;
      readAgain: number[];
      goesOn: boolean;
    };
    expect(seen.written.length).toBeGreaterThan(50);
    expect(seen.written.length + seen.unwritten).toBe(seen.frames);
    expect(seen.readAgain).toEqual(seen.written);
    expect(seen.filesWhenFull).toBe(1);
    expect(seen.goesOn).toBe(true);
  });

  it.skipIf(possible)('needs a system where this user may mount a filesystem in a namespace', (context) => {
    context.skip('unshare -rm with a tmpfs is not allowed here');
  });
});
