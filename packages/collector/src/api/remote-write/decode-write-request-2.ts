import { METRIC_NAME } from '@plimsoll/promql';
import { METRIC_TYPES, type MetricMetadata } from '../../telemetry/store.ts';
import {
  checkSampleCount,
  readSample,
  type WriteRequest,
  type WrittenSeries,
  type WrittenValue,
} from './decode-write-request.ts';
import { ProtoError, ProtoReader, WIRE } from './proto-reader.ts';
import { readHistogram, type WrittenHistogram } from './written-histogram.ts';

/** References of one series: far above any limit of labels, and a bound on what a crafted body makes us allocate. */
const MAX_REFERENCES = 4_096;

/** Suffixes of the series of one family, by its type. */
const FAMILY_SUFFIXES: Readonly<Record<string, RegExp>> = {
  histogram: /_(?:bucket|count|sum)$/,
  gaugehistogram: /_(?:bucket|gcount|gsum)$/,
  summary: /_(?:count|sum)$/,
};

/**
 * Decodes `io.prometheus.write.v2.Request` of remote write 2.0 (symbols = 4, timeseries = 5: labels_refs = 1, samples =
 * 2, histograms = 3, exemplars = 4, metadata = 5 {type = 1, help_ref = 3, unit_ref = 4}). Exemplars and
 * unknown fields are passed over. Throws ProtoError for what is no such message; a series whose references lead
 * nowhere carries its fault, so that the others are stored.
 */
export function decodeWriteRequest2(bytes: Uint8Array): WriteRequest {
  const symbols: string[] = [];
  const messages: ProtoReader[] = [];
  const reader = new ProtoReader(bytes);
  while (!reader.done) {
    const { field, wire } = reader.tag();
    if (field === 4 && wire === WIRE.bytes) symbols.push(reader.string());
    else if (field === 5 && wire === WIRE.bytes) messages.push(reader.message());
    else reader.skip(wire);
  }
  const series: WrittenSeries[] = [];
  const metadata = new Map<string, MetricMetadata>();
  let samples = 0;
  for (const message of messages) {
    const { written, described } = readSeries(message, symbols);
    samples += written.values.length + written.histograms.length;
    checkSampleCount(samples);
    series.push(written);
    if (described !== null) metadata.set(described.family, described);
  }
  return { series, metadata: [...metadata.values()] };
}

interface Description {
  readonly type: number;
  readonly help: number;
  readonly unit: number;
}

function readSeries(
  reader: ProtoReader,
  symbols: readonly string[],
): { written: WrittenSeries; described: MetricMetadata | null } {
  const references: number[] = [];
  const timestampsMs: number[] = [];
  const values: WrittenValue[] = [];
  const startTimestampsMs: number[] = [];
  const histograms: WrittenHistogram[] = [];
  let description: Description | null = null;
  while (!reader.done) {
    const { field, wire } = reader.tag();
    if (field === 1) readReferences(reader, wire, references);
    else if (field === 2 && wire === WIRE.bytes)
      startTimestampsMs.push(readSample(reader.message(), timestampsMs, values));
    else if (field === 3 && wire === WIRE.bytes) histograms.push(readHistogram(reader.message()));
    else if (field === 5 && wire === WIRE.bytes) description = readDescription(reader.message());
    else reader.skip(wire);
  }
  const fault = faultOf(references, symbols);
  const labels = fault === undefined ? references.map((reference) => symbols[reference] ?? '') : [];
  const written = {
    labels,
    timestampsMs,
    values,
    histograms,
    ...(startTimestampsMs.some((startMs) => startMs !== 0) && { startTimestampsMs }),
    ...(fault === undefined ? {} : { fault }),
  };
  return { written, described: description === null ? null : describe(labels, description, symbols) };
}

/** Packed, as senders write them, or one by one, as the encoding allows too. */
function readReferences(reader: ProtoReader, wire: number, references: number[]): void {
  if (wire === WIRE.varint) references.push(reader.uint32());
  else if (wire === WIRE.bytes) {
    const packed = reader.message();
    while (!packed.done && references.length <= MAX_REFERENCES) references.push(packed.uint32());
  } else reader.skip(wire);
  if (references.length > MAX_REFERENCES) {
    throw new ProtoError(`a series has more than ${MAX_REFERENCES} references to symbols`);
  }
}

function readDescription(reader: ProtoReader): Description {
  const description = { type: 0, help: 0, unit: 0 };
  while (!reader.done) {
    const { field, wire } = reader.tag();
    if (wire !== WIRE.varint) reader.skip(wire);
    else if (field === 1) description.type = reader.uint32();
    else if (field === 3) description.help = reader.uint32();
    else if (field === 4) description.unit = reader.uint32();
    else reader.skip(wire);
  }
  return description;
}

/** In Prometheus' words. */
function faultOf(references: readonly number[], symbols: readonly string[]): string | undefined {
  const prefix = `parsing labels for series [${references.join(' ')}]`;
  if (references.length % 2 !== 0) return `${prefix}: invalid labelRefs length ${references.length}`;
  for (let at = 0; at < references.length; at += 2) {
    const name = references[at] ?? 0;
    const value = references[at + 1] ?? 0;
    if (name < symbols.length && value < symbols.length) continue;
    return `${prefix}: labelRefs ${name} (name) = ${value} (value) outside of symbols table (size ${symbols.length})`;
  }
  return undefined;
}

/** What a series' metadata says of its family; null when it says nothing. */
function describe(
  labels: readonly string[],
  { type, help, unit }: Description,
  symbols: readonly string[],
): MetricMetadata | null {
  const name = labels[labels.indexOf(METRIC_NAME) + 1] ?? '';
  const described = {
    type: METRIC_TYPES[type] ?? 'unknown',
    help: symbols[help] ?? '',
    unit: symbols[unit] ?? '',
  };
  if (name === '' || (type === 0 && described.help === '' && described.unit === '')) return null;
  const suffix = FAMILY_SUFFIXES[described.type];
  return { family: suffix === undefined ? name : name.replace(suffix, ''), ...described };
}
