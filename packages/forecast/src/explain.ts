import type { DatedOutlook } from './outlook.ts';

/** An outlook in one sentence, with the range it rests on and how much history there was. */
export function explain(
  outlook: DatedOutlook,
  { q10Days, q50Days, q90Days }: { q10Days: number | null; q50Days: number | null; q90Days: number | null },
  historyDays: number,
): string {
  const basis = `from ${span(historyDays)} of history`;
  const early = q10Days === null ? null : span(q10Days);
  if (outlook === 'not_filling') {
    const worst = early === null ? '' : ` (one chance in ten: in ${early})`;
    return `Not filling: growth, if any, does not reach the capacity within a year${worst}, ${basis}.`;
  }
  const late = q90Days === null ? 'more than a year' : span(q90Days);
  if (outlook === 'unpredictable')
    return `Unpredictable: usage moves too irregularly for a date; it could be full in ${early ?? 'months'}, or in ${late}, ${basis}.`;
  const likely = q50Days === null ? 'more than a year' : span(q50Days);
  return `Full in about ${likely} (80 % sure: between ${early ?? likely} and ${late}), ${basis}.`;
}

/** A length of time with the precision that makes sense for it. */
function span(days: number): string {
  if (days < 1 / 24) return 'under an hour';
  if (days < 2) return plural(Math.round(days * 24), 'hour');
  if (days < 60) return plural(Math.round(days), 'day');
  return plural(Math.round(days / 30.4), 'month');
}

function plural(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
