import { readFileSync } from 'node:fs';

const SECONDS_PER_HOUR = 3600;

/**
 * The abbreviation of the time zone in force, as the C library and Go have it (`UTC`, `CEST`, `+0545`), from the rule
 * at the end of the zone's file; `UTC` where there is no such file. JavaScript itself knows abbreviations only by locale.
 */
export function readZoneName(offsetSeconds: number): string {
  const { TZ } = process.env;
  const file =
    TZ === undefined || TZ === '' ? '/etc/localtime' : `/usr/share/zoneinfo/${TZ.replace(/^:/, '')}`;
  try {
    const lines = readFileSync(file, 'latin1').trimEnd().split('\n');
    return zoneNameOf(lines.at(-1) ?? '', offsetSeconds);
  } catch {
    return 'UTC';
  }
}

/** The name a POSIX rule such as `CET-1CEST,M3.5.0,M10.5.0/3` has for an offset, east of Greenwich positive. */
export function zoneNameOf(rule: string, offsetSeconds: number): string {
  const part = '(<[^>]+>|[A-Za-z]+)([+-]?[0-9:]+)?';
  const [, standard = 'UTC', west = '0', summer, summerWest] =
    new RegExp(`^${part}(?:${part})?`).exec(rule) ?? [];
  const standardOffset = -parseOffset(west);
  const summerOffset =
    summerWest === undefined ? standardOffset + SECONDS_PER_HOUR : -parseOffset(summerWest);
  const name = summer !== undefined && offsetSeconds === summerOffset ? summer : standard;
  return name.replace(/^<(.*)>$/, '$1');
}

/** Seconds of `-5:30` or `3`. */
function parseOffset(text: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = text.replace(/^[+-]/, '').split(':').map(Number);
  const total = hours * SECONDS_PER_HOUR + minutes * 60 + seconds;
  return text.startsWith('-') ? -total : total;
}
