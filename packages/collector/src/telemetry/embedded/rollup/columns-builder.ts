import type { RollupColumns, SelectRequest } from '@plimsoll/promql';
import type { BucketDetail } from './bucket-codec.ts';
import { BUCKET_FIELDS, type BucketField, type Buckets } from './buckets.ts';

const LASTS: ReadonlySet<BucketField> = new Set(['ends', 'counts', 'lasts', 'lastTimes']);
const NONE = new Float64Array(0);

/** Joins the days' buckets of one series to what a request is answered with. */
export class ColumnsBuilder {
  readonly #request: SelectRequest;
  readonly #detail: BucketDetail;
  readonly #resolutionMs: number;
  readonly #untilMs: number;
  readonly #parts: Record<BucketField, Float64Array>[] = [];
  readonly #stale: number[] = [];
  readonly #keys: number[] = [];
  readonly #binCounts: number[] = [];
  readonly #binEnds: number[] = [];

  /** The rows taken so far. */
  rows = 0;

  /** Of `lasts`, columns that no instant selector looks at stay empty. */
  constructor(request: SelectRequest, detail: BucketDetail, resolutionMs: number, untilMs: number) {
    this.#request = request;
    this.#detail = detail;
    this.#resolutionMs = resolutionMs;
    this.#untilMs = untilMs;
  }

  /** Takes the rows of a day, later than those before, that the request can see. */
  add(buckets: Buckets): void {
    const { startMs, endMs, rangeMs = 0 } = this.#request;
    // An instant selector looks at samples, a range at buckets.
    const times = rangeMs > 0 ? buckets.ends : buckets.lastTimes;
    const rows: number[] = [];
    for (let i = 0; i < buckets.length; i++) {
      const stale = buckets.staleTimes[i] ?? 0;
      if (stale >= startMs && stale <= endMs && stale > 0) this.#stale.push(stale);
      const time = times[i] ?? 0;
      if (time >= startMs && time <= endMs && buckets.counts[i] !== 0) rows.push(i);
    }
    if (rows.length === 0) return;
    const part = (field: BucketField): Float64Array =>
      this.#detail === 'lasts' && !LASTS.has(field)
        ? NONE
        : Float64Array.from(rows, (row) => buckets[field][row] ?? 0);
    this.#parts.push(recordOf(part));
    this.rows += rows.length;
    for (const row of rows) this.#addBins(buckets, row);
  }

  build(): RollupColumns {
    const parts = this.#parts;
    const columns = recordOf((field) => joined(parts.map((part) => part[field])));
    const base = {
      ...columns,
      resolutionMs: this.#resolutionMs,
      untilMs: this.#untilMs,
      staleTimes: Float64Array.from(this.#stale),
    };
    if (this.#keys.length === 0) return base;
    return {
      ...base,
      sketches: {
        ends: Int32Array.from(this.#binEnds),
        keys: Int32Array.from(this.#keys),
        counts: Float64Array.from(this.#binCounts),
      },
    };
  }

  #addBins({ keys, binCounts, binEnds }: Buckets, row: number): void {
    if (keys.length === 0) return;
    const end = binEnds[row] ?? 0;
    for (let bin = binEnds[row - 1] ?? 0; bin < end; bin++) {
      this.#keys.push(keys[bin] ?? 0);
      this.#binCounts.push(binCounts[bin] ?? 0);
    }
    this.#binEnds.push(this.#keys.length);
  }
}

function recordOf(column: (field: BucketField) => Float64Array): Record<BucketField, Float64Array> {
  const entries = BUCKET_FIELDS.map((field): [BucketField, Float64Array] => [field, column(field)]);
  return Object.fromEntries(entries) as Record<BucketField, Float64Array>;
}

function joined(parts: readonly Float64Array[]): Float64Array {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
  const out = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
