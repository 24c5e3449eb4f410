import pino from 'pino';
import { expect, it } from 'vitest';
import { limitRepeats } from './log-limit.ts';

it('writes once in an interval and says what it left out, also after the clock was put back', () => {
  const lines: { msg: string; suppressed?: number }[] = [];
  let nowMs = 1_000_000;
  const log = pino({}, { write: (line: string) => void lines.push(JSON.parse(line) as { msg: string }) });
  const warn = limitRepeats({ now: () => nowMs, log }, 1000);
  for (let i = 0; i < 3; i++) warn('disk', {}, 'full');
  warn('other', {}, 'full too');
  expect(lines.map(({ msg }) => msg)).toEqual(['full', 'full too']);
  nowMs += 1000;
  warn('disk', {}, 'full');
  expect(lines.at(-1)).toMatchObject({ msg: 'full', suppressed: 2 });
  nowMs -= 500_000;
  warn('disk', {}, 'full');
  expect(lines).toHaveLength(4);
});
