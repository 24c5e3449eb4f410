import { parseDuration } from '../text/duration.ts';

/** Splits a line such as `name{a="b"}@st -1m _` into its metric and its offsets; undefined for any other line. */
export function splitStartTimeLine(line: string): { metric: string; offsets: string } | undefined {
  const match = /^(\S*)@st\s+(.*)$/.exec(line);
  return match ? { metric: match[1] ?? '', offsets: match[2] ?? '' } : undefined;
}

const DURATION = String.raw`[+-]?\d+[a-wyzA-WYZ]*`;
const ITEM = new RegExp(`^(${DURATION})(?:([+-]\\d+[a-wyzA-WYZ]*)?x(\\d+))?$`);

/** Parses offsets of start times, relative to each sample, in milliseconds; undefined where one is left out. */
export function parseStartTimes(text: string): (number | undefined)[] {
  return text
    .trim()
    .split(/\s+/)
    .flatMap((item) => {
      const gaps = /^_(?:x(\d+))?$/.exec(item);
      if (gaps) return Array.from<undefined>({ length: Number(gaps[1] ?? 1) });
      const match = ITEM.exec(item);
      if (!match) throw new Error(`invalid start time ${JSON.stringify(item)}`);
      const [, first = '', step, times] = match;
      const count = times === undefined ? 1 : Number(times) + 1;
      const increment = step === undefined ? 0 : signedDuration(step);
      return Array.from({ length: count }, (_, index) => signedDuration(first) + index * increment);
    });
}

function signedDuration(text: string): number {
  const magnitude = parseDuration(text.replace(/^[+-]/, ''));
  return text.startsWith('-') ? -magnitude : magnitude;
}
