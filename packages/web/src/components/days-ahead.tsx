import { formatDaysAhead } from '../lib/duration.ts';
import { formatChance } from '../lib/format.ts';

interface Props {
  readonly forecast: {
    readonly q10Days: number | null;
    readonly q90Days: number | null;
    readonly p7: number | null;
  };
  /** The forecast's median, which is known. */
  readonly q50Days: number;
}

/** The likely number of days until something is full, and the range that is honest. */
export function DaysAhead({ forecast: { q10Days, q90Days, p7 }, q50Days }: Props) {
  return (
    <>
      <strong>{formatDaysAhead(q50Days)}</strong>
      <span class="range">
        {q10Days === null ? 'sooner not known' : formatDaysAhead(q10Days)} to{' '}
        {q90Days === null ? 'more than a year' : formatDaysAhead(q90Days)}
        {p7 !== null && p7 >= 0.01 ? ` · ${formatChance(p7)} within 7 days` : ''}
      </span>
    </>
  );
}
