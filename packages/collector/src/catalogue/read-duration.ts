import type { WorkDuration } from './catalogue.ts';

const UNITS_MS = { w: 7 * 86_400_000, h: 3_600_000, m: 60_000, s: 1_000 } as const;
const DAY_MS = 86_400_000;

/** A duration that the schema found well-formed, its days kept apart. */
export function readWorkDuration(text: string): WorkDuration {
  let days = 0;
  let ms = 0;
  for (const [, count = '', unit = ''] of text.matchAll(/(\d+)([wdhms])/g)) {
    if (unit === 'd') days += Number(count);
    else ms += Number(count) * UNITS_MS[unit as keyof typeof UNITS_MS];
  }
  return { days, ms };
}

/** A duration of elapsed time, a day being 24 hours. */
export function readDuration(text: string): number {
  const { days, ms } = readWorkDuration(text);
  return days * DAY_MS + ms;
}

export function readOptionalDuration(text: string | undefined): number | null {
  return text === undefined ? null : readDuration(text);
}
