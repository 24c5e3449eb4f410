import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Instants, RollupColumns, SelectRequest } from '@plimsoll/promql';
import { MIN_BUCKETS, PromqlError, SKETCH_FUNCTIONS } from '@plimsoll/promql';
import type { SeriesRef } from '../../store.ts';
import { DAY_MS, dayStart } from '../head/windows.ts';
import { refSpans } from '../query/ref-spans.ts';
import { type BucketDetail, decodeBuckets } from './bucket-codec.ts';
import { Buckets } from './buckets.ts';
import { ColumnsBuilder } from './columns-builder.ts';
import { COARSE, FINE, type Resolution } from './resolutions.ts';
import { type RollupFile, RollupReader, listRollupFiles, rollupFile } from './rollup-file.ts';

/** Files kept open for reading: those of the last year. */
const MAX_OPEN = 16;
/** Series further apart than this are looked up one by one instead of being read past. */
const MAX_GAP = 4;

/** Rows one request may read, about a hundred bytes each: a year of hours of 400 series, of five minutes of 35. */
const MAX_ROWS = 3_700_000;

/** The rollups of times whose samples are gone, for reading. */
export class RollupStore implements Disposable {
  readonly #directory: string;
  /** Starts of the days whose samples are gone, ascending. */
  #days: number[] = [];
  /** Least recently used first. */
  readonly #open = new Map<string, RollupReader | undefined>();

  /** @throws PlimsollError 'configuration' for a file of a newer version. */
  constructor(directory: string) {
    this.#directory = directory;
    for (const file of listRollupFiles(directory)) {
      if (file.resolution !== FINE) continue;
      using reader = RollupReader.open(directory, file);
      this.#days.push(...(reader?.finalDays() ?? []));
    }
    this.#days.sort((a, b) => a - b);
  }

  /** Samples from before this time are gone, or do not count any more; -Infinity where there are no rollups. */
  get untilMs(): number {
    const last = this.#days.at(-1);
    return last === undefined ? -Infinity : last + DAY_MS;
  }

  /** Takes note that days' samples are about to be dropped. */
  madeFinal(days: readonly number[]): void {
    this.#days = [...new Set([...this.#days, ...days])].sort((a, b) => a - b);
  }

  /** Lets go of the files that lie before a time, and of the oldest while all take more than they may; answers which. */
  drop(beforeMs: number, maxBytes: number): string[] {
    const files = listRollupFiles(this.#directory);
    const sizes = new Map(files.map((file) => [file, sizeOf(join(this.#directory, file.name))]));
    let bytes = [...sizes.values()].reduce((sum, each) => sum + each, 0);
    const newest = files.findLast(({ resolution }) => resolution === FINE);
    const gone = files.filter((file) => {
      if (file.endMs > beforeMs && (bytes <= maxBytes || file === newest || file.resolution === COARSE))
        return false;
      bytes -= sizes.get(file) ?? 0;
      return true;
    });
    for (const { name } of gone) this.#close(name);
    for (const file of gone) {
      if (file.resolution === FINE)
        this.#days = this.#days.filter((day) => day < file.startMs || day >= file.endMs);
    }
    return gone.map(({ name }) => name);
  }

  /** Tells of series whether they have rollups in the months of [startMs, endMs], or in the years where that is all time. */
  finder(startMs: number, endMs: number): (ref: SeriesRef) => boolean {
    const resolution = Number.isFinite(startMs) ? FINE : COARSE;
    const files = this.#filesOf(resolution, this.#within(startMs, endMs));
    return (ref) => files.some((file) => this.#reader(file)?.has(ref) === true);
  }

  /** What a request for these series is answered with beside samples from `untilMs` on; null where it takes none of it. */
  read(request: SelectRequest, refs: readonly SeriesRef[]): ReadonlyMap<SeriesRef, RollupColumns> | null {
    if (request.rollups !== true || request.startMs > this.untilMs) return null;
    const days = this.#within(request.startMs, request.endMs);
    if (days.length === 0) return null;
    const { rangeMs = 0 } = request;
    const resolution = resolutionFor(request);
    const detail = detailFor(request);
    const builders = new Map<SeriesRef, ColumnsBuilder>();
    const builder = (ref: SeriesRef): ColumnsBuilder => {
      let known = builders.get(ref);
      if (known === undefined)
        builders.set(ref, (known = new ColumnsBuilder(request, detail, resolution.ms, this.untilMs)));
      return known;
    };
    if (rangeMs > 0 && rangeMs < MIN_BUCKETS * FINE.ms) {
      // Too short for buckets; that there are some is told.
      const has = this.finder(request.startMs, request.endMs);
      for (const ref of refs) if (has(ref)) builder(ref);
    } else {
      this.#readDays(days, resolution, detail, refs, builder);
    }
    return new Map([...builders].map(([ref, each]) => [ref, each.build()]));
  }

  [Symbol.dispose](): void {
    for (const name of this.#open.keys()) this.#close(name);
  }

  #readDays(
    days: readonly number[],
    resolution: Resolution,
    detail: BucketDetail,
    refs: readonly SeriesRef[],
    builder: (ref: SeriesRef) => ColumnsBuilder,
  ): void {
    const wanted = new Set(refs);
    const buckets = new Buckets(DAY_MS / resolution.ms + 1);
    const spans = refSpans(refs, MAX_GAP);
    let rows = 0;
    for (const day of days) {
      const reader = this.#reader(rollupFile(resolution, day));
      if (reader === undefined) continue;
      const visit = (ref: SeriesRef, data: Uint8Array): void => {
        if (!wanted.has(ref)) return;
        decodeBuckets(data, day, resolution.ms, detail, buckets);
        const columns = builder(ref);
        const before = columns.rows;
        columns.add(buckets);
        rows += columns.rows - before;
        if (rows > MAX_ROWS) throw tooMany(resolution);
      };
      for (const [first, last] of spans) reader.rows(day, first, last, visit);
    }
  }

  #within(startMs: number, endMs: number): number[] {
    return this.#days.filter((day) => day + DAY_MS >= startMs && day <= dayStart(endMs));
  }

  #filesOf(resolution: Resolution, days: readonly number[]): RollupFile[] {
    return [
      ...new Map(days.map((day) => rollupFile(resolution, day)).map((file) => [file.name, file])).values(),
    ];
  }

  #reader(file: RollupFile): RollupReader | undefined {
    let reader = this.#open.get(file.name);
    if (reader === undefined) {
      if (!listRollupFiles(this.#directory).some(({ name }) => name === file.name)) return undefined;
      reader = RollupReader.open(this.#directory, file);
      const [oldest] = this.#open.keys();
      if (oldest !== undefined && this.#open.size >= MAX_OPEN) this.#close(oldest);
    }
    this.#open.delete(file.name);
    if (reader !== undefined) this.#open.set(file.name, reader);
    return reader;
  }

  #close(name: string): void {
    this.#open.get(name)?.[Symbol.dispose]();
    this.#open.delete(name);
  }
}

/** The greater buckets give the same answer where everything that is looked at begins and ends with them. */
function resolutionFor({ instants, windows, rangeMs = 0 }: SelectRequest): Resolution {
  const looks = windows ?? instants;
  const fits = looks !== undefined && areMultiples(looks, COARSE.ms) && rangeMs % COARSE.ms === 0;
  return fits ? COARSE : FINE;
}

function areMultiples({ firstMs, stepMs, count }: Instants, ms: number): boolean {
  return firstMs % ms === 0 && (count === 1 || stepMs % ms === 0);
}

function detailFor(request: SelectRequest): BucketDetail {
  if ((request.rangeMs ?? 0) === 0) return 'lasts';
  return SKETCH_FUNCTIONS.has(request.function ?? '') ? 'sketches' : 'values';
}

function tooMany({ name }: Resolution): PromqlError {
  const how = 'ask for a shorter time or fewer series, or let times, step and range be whole hours';
  return new PromqlError('limit', `query would read more than ${MAX_ROWS} rollups of ${name}: ${how}`);
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
