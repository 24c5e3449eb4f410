import { formatPosition, type Position } from '../syntax/position.ts';
import { formatGoGeneral, formatGoTwoDigits } from '../text/go-number.ts';
import { formatTime } from '../rollup/format-time.ts';
import { quoteGo } from '../text/go-quote.ts';

/** Where and by how much classic buckets were not monotonic. */
export interface ForcedMonotonicity {
  readonly timeMs: number;
  readonly minBucket: number;
  readonly maxBucket: number;
  readonly maxDifference: number;
}

interface ForcedNotes extends ForcedMonotonicity {
  readonly lastMs: number;
  readonly count: number;
  readonly position: Position;
}

const FORCED =
  'input to histogram_quantile needed to be fixed for monotonicity ' +
  '(see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile)';

/**
 * Remarks on a query's result: what looks wrong (warnings) and what is worth knowing (infos). The same remark counts
 * once, at the place it was made last.
 */
export class Annotations {
  readonly #text: string;
  readonly #warnings = new Map<string, Position>();
  readonly #infos = new Map<string, Position>();
  readonly #forced = new Map<string, ForcedNotes>();
  readonly #overlaps = new Map<string, { position: Position; count: number }>();

  /** `text` is the query, which positions refer to. */
  constructor(text: string) {
    this.#text = text;
  }

  warn(message: string, position: Position): void {
    this.#warnings.set(message, position);
  }

  inform(message: string, position: Position): void {
    this.#infos.set(message, position);
  }

  /** Notes that classic buckets had to be made monotonic; the notes on one metric become one remark. */
  forcedMonotonicity(metricName: string, position: Position, note: ForcedMonotonicity): void {
    const message = withMetricName(FORCED, metricName);
    const before = this.#forced.get(message);
    this.#forced.set(message, {
      timeMs: Math.min(before?.timeMs ?? Infinity, note.timeMs),
      lastMs: Math.max(before?.lastMs ?? -Infinity, note.timeMs),
      minBucket: Math.min(before?.minBucket ?? Infinity, note.minBucket),
      maxBucket: Math.max(before?.maxBucket ?? -Infinity, note.maxBucket),
      maxDifference: Math.max(before?.maxDifference ?? 0, note.maxDifference),
      count: (before?.count ?? 0) + 1,
      position: before?.position ?? position,
    });
  }

  /** Notes a sample that claims to have started before its predecessor was taken. */
  startTimeOverlap(metricName: string, position: Position): void {
    const message = `sample has start time that overlaps with previous sample timestamp for metric ${quoteGo(metricName)}`;
    const count = (this.#overlaps.get(message)?.count ?? 0) + 1;
    this.#overlaps.set(message, { position, count });
  }

  get warnings(): string[] {
    const plain = [...this.#warnings].map(([message, position]) =>
      this.#format('warning', message, position),
    );
    const overlaps = [...this.#overlaps].map(([message, { position, count }]) =>
      this.#format('warning', count > 1 ? `${message} (${count} occurrences)` : message, position),
    );
    return [...plain, ...overlaps];
  }

  get infos(): string[] {
    const plain = [...this.#infos].map(([message, position]) => this.#format('info', message, position));
    const forced = [...this.#forced].map(([message, notes]) => {
      const { minBucket, maxBucket, maxDifference, count, timeMs, lastMs } = notes;
      const buckets = `from buckets ${formatGoGeneral(minBucket)} to ${formatGoGeneral(maxBucket)}`;
      const difference = `with a max diff of ${formatGoTwoDigits(maxDifference)}`;
      const span = `over ${count} samples from ${formatTime(timeMs)} to ${formatTime(lastMs)}`;
      return this.#format('info', `${message}, ${buckets}, ${difference}, ${span}`, notes.position);
    });
    return [...plain, ...forced];
  }

  #format(kind: 'warning' | 'info', message: string, position: Position): string {
    return `PromQL ${kind}: ${message} (${formatPosition(position, this.#text)})`;
  }
}

/** A remark that names its metric where the name is known. */
export function withMetricName(message: string, metricName: string): string {
  return metricName === '' ? message : `${message} for metric name ${quoteGo(metricName)}`;
}
