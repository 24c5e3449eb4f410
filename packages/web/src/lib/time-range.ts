/** What a page of charts shows: a span that ends now, or one that is fixed. */
export type TimeRange =
  | { readonly kind: 'last'; readonly name: RangeName }
  | { readonly kind: 'fixed'; readonly fromS: number; readonly toS: number };

const rangeSeconds = {
  '15m': 900,
  '1h': 3600,
  '6h': 21_600,
  '24h': 86_400,
  '7d': 604_800,
  '30d': 2_592_000,
} as const;

export type RangeName = keyof typeof rangeSeconds;
export const rangeNames = Object.keys(rangeSeconds) as RangeName[];
const defaultRange: TimeRange = { kind: 'last', name: '1h' };

const minFixedSeconds = 30;

/** Reads `range=6h` or `from=..&to=..` (epoch seconds); what makes no sense falls back to the last hour. */
export function parseRange(query: Readonly<Record<string, string | undefined>>): TimeRange {
  const from = Number(query['from'] ?? Number.NaN);
  const to = Number(query['to'] ?? Number.NaN);
  if (Number.isFinite(from) && Number.isFinite(to) && to - from >= minFixedSeconds) {
    return { kind: 'fixed', fromS: Math.floor(from), toS: Math.ceil(to) };
  }
  const name = rangeNames.find((known) => known === query['range']);
  return name ? { kind: 'last', name } : defaultRange;
}

/** The query parameters that say this range; the default needs none. */
export function rangeQuery(range: TimeRange): Readonly<Record<string, string | null>> {
  if (range.kind === 'fixed')
    return { range: null, from: String(Math.floor(range.fromS)), to: String(Math.ceil(range.toS)) };
  const isDefault = defaultRange.kind === 'last' && range.name === defaultRange.name;
  return { range: isDefault ? null : range.name, from: null, to: null };
}

/** The time around a condition: some of it before it began, and after it ended if it has. */
interface FiringWindow {
  readonly kind: 'firing';
  readonly onsetS: number;
  readonly recoveredS: number | null;
}

export type ChartWindow = TimeRange | FiringWindow;

const marginMinS = 900;
const marginShare = 0.5;
const firingMaxS = 7 * 86_400;

function aroundFiring(window: FiringWindow, nowS: number): { startS: number; endS: number } {
  const { onsetS, recoveredS } = window;
  const margin = Math.max(marginMinS, ((recoveredS ?? nowS) - onsetS) * marginShare);
  const endS = recoveredS === null ? nowS : Math.min(nowS, recoveredS + margin);
  return { startS: Math.floor(Math.max(onsetS - margin, endS - firingMaxS)), endS: Math.ceil(endS) };
}

/** Whether new samples belong into the window. */
export function isMoving(window: ChartWindow): boolean {
  return window.kind === 'last' || (window.kind === 'firing' && window.recoveredS === null);
}

/** Start and end in epoch seconds. */
export function resolveRange(
  range: ChartWindow,
  nowMs: number,
): { readonly startS: number; readonly endS: number } {
  if (range.kind === 'firing') return aroundFiring(range, Math.floor(nowMs / 1000));
  if (range.kind === 'fixed') return { startS: range.fromS, endS: range.toS };
  const endS = Math.floor(nowMs / 1000);
  return { startS: endS - rangeSeconds[range.name], endS };
}

const stepsS = [5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400];
/** More points than a chart has pixels cost time and show nothing. */
const maxPoints = 400;

/** A round step that gives at most 400 points, and not more than the host sends. */
export function stepFor(startS: number, endS: number, collectIntervalS: number): number {
  const atLeast = Math.max((endS - startS) / maxPoints, collectIntervalS);
  return stepsS.find((step) => step >= atLeast) ?? Math.ceil(atLeast / 86_400) * 86_400;
}

/** Puts start and end on multiples of the step, so that a refreshed chart does not wobble. */
export function alignToStep(startS: number, endS: number, stepS: number): { startS: number; endS: number } {
  return { startS: Math.floor(startS / stepS) * stepS, endS: Math.floor(endS / stepS) * stepS };
}
