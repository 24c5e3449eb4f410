import type { Labels } from '@plimsoll/promql';
import { encodeHistogram } from '../../api/remote-read/encode-histogram.ts';
import { ByteWriter } from '../embedded/byte-writer.ts';
import type { LongTermBatch } from '../long-term/long-term-engine.ts';
import { METRIC_TYPES, type MetricMetadata } from '../store.ts';
import { LABEL_CACHE_BYTES } from './remote-options.ts';
import { SampleEncoder } from './encode-samples.ts';
import { rowsBySeries, runsOf } from './rows-by-series.ts';

/** Wire types of the protocol buffers encoding. */
const VARINT = 0;
const BYTES = 2;

const tag = (field: number, wire: number): number => field * 8 + wire;

const SMALL_BYTES = 512;

const TEXT = new TextEncoder();

/**
 * Encodes batches as remote write requests: `prometheus.WriteRequest` of version 1 and `io.prometheus.write.v2.Request`
 * of version 2. What a series' labels look like in version 1 is kept, because it is most of the work.
 */
export class WriteEncoder {
  readonly #out = new ByteWriter();
  readonly #series = new ByteWriter();
  readonly #references = small();
  readonly #pairs = small();
  readonly #histograms = small();
  readonly #samples = new SampleEncoder();
  #labels = new WeakMap<Labels, Uint8Array>();
  #labelBytes = 0;

  /** The message is good until the next is encoded. */
  encode1(batch: LongTermBatch): Uint8Array {
    const out = this.#out;
    out.reset();
    const { startTimestampsMs: _, ...plain } = batch;
    const { rows, starts } = rowsBySeries(batch);
    batch.labels.forEach((labels, i) => {
      const labelled = this.#encodedLabels(labels);
      for (const run of runsOf(batch, rows.subarray(starts[i], starts[i + 1]))) {
        const samples = run.histograms
          ? this.#encodedHistograms(batch, run.rows, 4)
          : this.#samples.encode(plain, run.rows);
        out.varint(tag(1, BYTES));
        out.varint(labelled.length + samples.length);
        out.bytes(labelled);
        out.bytes(samples);
      }
    });
    for (const family of batch.metadata) writeField(out, 3, encodeMetadata(family));
    return out.written();
  }

  /** The message is good until the next is encoded. */
  encode2(batch: LongTermBatch): Uint8Array {
    const symbols = new Map<string, number>([['', 0]]);
    const symbol = (text: string): number => {
      let number = symbols.get(text);
      if (number === undefined) symbols.set(text, (number = symbols.size));
      return number;
    };
    const families = new Map(batch.metadata.map((family) => [family.family, family]));
    const { rows, starts } = rowsBySeries(batch);
    const series = this.#series;
    series.reset();
    const references = this.#references;
    batch.labels.forEach((labels, i) => {
      const own = rows.subarray(starts[i], starts[i + 1]);
      if (own.length === 0) return;
      references.reset();
      for (const part of labels.pairs) references.varint(symbol(part));
      const refs = references.written();
      const described = describe(families.get(labels.name), symbol);
      for (const run of runsOf(batch, own)) {
        const samples = run.histograms
          ? this.#encodedHistograms(batch, run.rows, 3)
          : this.#samples.encode(batch, run.rows);
        series.varint(tag(5, BYTES));
        series.varint(1 + varintBytes(refs.length) + refs.length + samples.length + described.length);
        writeField(series, 1, refs);
        series.bytes(samples);
        series.bytes(described);
      }
    });
    const out = this.#out;
    out.reset();
    for (const text of symbols.keys()) writeField(out, 4, TEXT.encode(text));
    out.bytes(series.written());
    return out.written();
  }

  /** Of version 2 where the field is its own; good until the next call. */
  #encodedHistograms(
    { timestampsMs, histograms, startTimestampsMs }: LongTermBatch,
    rows: Uint32Array,
    field: 3 | 4,
  ): Uint8Array {
    const out = this.#histograms;
    out.reset();
    for (const row of rows) {
      const histogram = histograms?.[row];
      const startMs = field === 3 ? (startTimestampsMs?.[row] ?? 0) : 0;
      if (histogram !== undefined) {
        writeField(out, field, encodeHistogram(histogram, timestampsMs[row] ?? 0, startMs));
      }
    }
    return out.written();
  }

  #encodedLabels(labels: Labels): Uint8Array {
    const known = this.#labels.get(labels);
    if (known !== undefined) return known;
    const out = this.#pairs;
    out.reset();
    for (const [name, value] of labels.entries()) {
      const nameBytes = TEXT.encode(name);
      const valueBytes = TEXT.encode(value);
      const fields = 2 + varintBytes(nameBytes.length) + varintBytes(valueBytes.length);
      out.varint(tag(1, BYTES));
      out.varint(fields + nameBytes.length + valueBytes.length);
      writeField(out, 1, nameBytes);
      writeField(out, 2, valueBytes);
    }
    const encoded = out.written().slice();
    if (this.#labelBytes > LABEL_CACHE_BYTES) {
      this.#labels = new WeakMap();
      this.#labelBytes = 0;
    }
    this.#labels.set(labels, encoded);
    this.#labelBytes += encoded.length;
    return encoded;
  }
}

/** A writer for something short. */
function small(): ByteWriter {
  return new ByteWriter(new ArrayBuffer(SMALL_BYTES));
}

function encodeMetadata({ family, type, help, unit }: MetricMetadata): Uint8Array {
  const out = small();
  out.varint(tag(1, VARINT));
  out.varint(METRIC_TYPES.indexOf(type));
  writeField(out, 2, TEXT.encode(family));
  writeField(out, 4, TEXT.encode(help));
  writeField(out, 5, TEXT.encode(unit));
  return out.written();
}

/** The metadata field of a series in version 2; nothing where nothing is known. */
function describe(family: MetricMetadata | undefined, symbol: (text: string) => number): Uint8Array {
  const out = small();
  if (family === undefined) return out.written();
  const inner = small();
  inner.varint(tag(1, VARINT));
  inner.varint(METRIC_TYPES.indexOf(family.type));
  inner.varint(tag(3, VARINT));
  inner.varint(symbol(family.help));
  inner.varint(tag(4, VARINT));
  inner.varint(symbol(family.unit));
  writeField(out, 5, inner.written());
  return out.written();
}

function writeField(out: ByteWriter, field: number, content: Uint8Array): void {
  out.varint(tag(field, BYTES));
  out.varint(content.length);
  out.bytes(content);
}

function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes++;
  return bytes;
}
