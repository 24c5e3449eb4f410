import { Labels } from '@plimsoll/promql';
import {
  asMetricType,
  type FrameAppend,
  type MetricMetadata,
  type SampleAppend,
  type SeriesRef,
} from '../../store.ts';
import { ByteReader } from '../byte-reader.ts';
import type { ByteWriter } from '../byte-writer.ts';
import { readDetailRows, writeDetailRows } from '../details/detail-rows.ts';
import type { SampleDetails } from '../details/sample-details.ts';

/** Version of the log's segments; see docs/format/log.md. */
export const LOG_VERSION = 2;
/** Kind of file in the header of a segment. */
export const LOG_FILE_KIND = 1;

const SERIES = 1;
const SET = 2;
const FRAME = 3;
const SAMPLES = 4;
const METADATA = 5;
/** Samples of which some have more than a value. */
const DETAILED_SAMPLES = 6;

const FLAG_BACKFILL = 1;

/** What a segment's records mean to the one who replays them. Set numbers hold within one segment. */
export interface LogVisitor {
  /** Whether a series' labels are known, so that they need not be read. */
  knows(ref: SeriesRef): boolean;
  series(ref: SeriesRef, labels: Labels): void;
  set(setId: number, agentId: string, refs: Uint32Array): void;
  frame(setId: number, frame: LoggedFrame): void;
  samples(batch: SampleAppend): void;
  metadata(family: MetricMetadata): void;
}

export interface LoggedFrame {
  readonly epoch: number;
  readonly sequence: number;
  readonly timestampMs: number;
  readonly backfill: boolean;
  /** The frame's values, 8 bytes each, not aligned. */
  readonly valueBytes: Uint8Array;
}

export function writeSeriesRecord(out: ByteWriter, ref: SeriesRef, pairs: readonly string[]): void {
  out.u8(SERIES);
  out.u32(ref);
  out.varint(pairs.length);
  for (const part of pairs) out.text(part);
}

export function writeSetRecord(out: ByteWriter, setId: number, agentId: string, refs: Uint32Array): void {
  out.u8(SET);
  out.u32(setId);
  out.text(agentId);
  out.u32(refs.length);
  out.memory(refs);
}

export function writeFrameRecord(out: ByteWriter, setId: number, frame: FrameAppend): void {
  out.u8(FRAME);
  out.u32(setId);
  out.f64(frame.epoch);
  out.f64(frame.sequence);
  out.f64(frame.timestampMs);
  out.u8(frame.backfill ? FLAG_BACKFILL : 0);
  out.u32(frame.values.length);
  out.memory(frame.values);
}

export function writeSamplesRecord(out: ByteWriter, batch: SampleAppend): void {
  const details = detailsOf(batch);
  out.u8(details === null ? SAMPLES : DETAILED_SAMPLES);
  out.u32(batch.refs.length);
  out.memory(batch.refs);
  out.memory(batch.timestampsMs);
  out.memory(batch.values);
  if (details !== null) writeDetailRows(out, details);
}

/** Null where all samples are values alone. */
function detailsOf({ refs, histograms, startTimestampsMs }: SampleAppend): SampleDetails | null {
  if (histograms === undefined && startTimestampsMs === undefined) return null;
  return {
    histograms: histograms ?? [],
    startTimestampsMs: startTimestampsMs ?? new Float64Array(refs.length),
  };
}

export function writeMetadataRecord(out: ByteWriter, family: MetricMetadata): void {
  out.u8(METADATA);
  for (const part of [family.family, family.type, family.help, family.unit]) out.text(part);
}

/** Reads one commit group's records. Throws RangeError where a record ends early, which an intact checksum rules out. */
export function readLogRecords(payload: Uint8Array, visitor: LogVisitor): void {
  const reader = new ByteReader(payload);
  while (!reader.atEnd) readRecord(reader, visitor);
}

function readRecord(reader: ByteReader, visitor: LogVisitor): void {
  const kind = reader.u8();
  switch (kind) {
    case SERIES:
      readSeries(reader, visitor);
      return;
    case SET:
      visitor.set(reader.u32(), reader.text(), reader.uint32s(reader.u32()));
      return;
    case FRAME:
      visitor.frame(reader.u32(), readFrame(reader));
      return;
    case SAMPLES:
      visitor.samples(readSamples(reader));
      return;
    case DETAILED_SAMPLES: {
      const batch = readSamples(reader);
      visitor.samples({ ...batch, ...readDetailRows(reader, batch.refs.length) });
      return;
    }
    case METADATA:
      visitor.metadata(readMetadata(reader));
      return;
    default:
      throw new RangeError(`unknown log record kind ${kind}`);
  }
}

function readSeries(reader: ByteReader, visitor: LogVisitor): void {
  const ref = reader.u32();
  const count = reader.varint();
  if (visitor.knows(ref)) {
    for (let i = 0; i < count; i++) reader.bytes(reader.varint());
    return;
  }
  visitor.series(ref, Labels.fromSortedPairs(Array.from({ length: count }, () => reader.text())));
}

function readFrame(reader: ByteReader): LoggedFrame {
  return {
    epoch: reader.f64(),
    sequence: reader.f64(),
    timestampMs: reader.f64(),
    backfill: (reader.u8() & FLAG_BACKFILL) !== 0,
    valueBytes: reader.bytes(reader.u32() * 8),
  };
}

function readSamples(reader: ByteReader): SampleAppend {
  const count = reader.u32();
  return {
    refs: reader.uint32s(count),
    timestampsMs: reader.float64s(count),
    values: reader.float64s(count),
  };
}

function readMetadata(reader: ByteReader): MetricMetadata {
  const family = reader.text();
  return { family, type: asMetricType(reader.text()), help: reader.text(), unit: reader.text() };
}
