import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MAX_SILENCE_CHARACTERS, SILENCE_RETENTION_MS } from './limits.ts';
import { type SilenceMatcher, silenceState } from './silence.ts';
import { type SilenceRequest, Silences } from './silences.ts';

const NOW = Date.UTC(2026, 5, 1);
const HOUR = 3_600_000;

let folder: string;
let silences: Silences;
const open = () => new Silences(path.join(folder, 'silences.sqlite'));
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-silences-'));
  silences = open();
});
afterEach(() => {
  silences[Symbol.dispose]();
  rmSync(folder, { recursive: true });
});

const matcher = (name: string, value: string, changes: Partial<SilenceMatcher> = {}): SilenceMatcher => ({
  name,
  value,
  isRegex: false,
  isEqual: true,
  ...changes,
});
const request = (changes: Partial<SilenceRequest> = {}): SilenceRequest => ({
  id: null,
  matchers: [matcher('instance', 'db-1')],
  startsAtMs: NOW - HOUR,
  endsAtMs: NOW + HOUR,
  createdBy: 'ada',
  comment: 'disk swap',
  ...changes,
});
const covers = (labels: Record<string, string>, nowMs = NOW) => silences.covering(labels, nowMs).length > 0;

describe('silences', () => {
  it('cover what meets every matcher, from their start to their end', () => {
    silences.set(
      request({
        startsAtMs: NOW + 1,
        matchers: [matcher('instance', 'db-.', { isRegex: true }), matcher('env', 'dev', { isEqual: false })],
      }),
      NOW,
    );
    const labels = { instance: 'db-1' };
    expect([NOW, NOW + 1, NOW + HOUR - 1, NOW + HOUR].map((at) => covers(labels, at))).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect(covers({ instance: 'db-1', env: 'dev' }, NOW + 1)).toBe(false);
    expect(covers({ instance: 'db-10' }, NOW + 1)).toBe(false);
    expect(covers({}, NOW + 1)).toBe(false);
  });

  it('do not take inherited properties for labels', () => {
    silences.set(request({ matchers: [matcher('constructor', '.+', { isRegex: true })] }), NOW);
    expect(covers({})).toBe(false);
  });

  it('never start before they are made', () => {
    expect(silences.set(request(), NOW).startsAtMs).toBe(NOW);
  });

  it('survive a restart', () => {
    const { id } = silences.set(request(), NOW);
    silences[Symbol.dispose]();
    silences = open();
    expect(silences.get(id)).toMatchObject({ comment: 'disk swap' });
    expect(covers({ instance: 'db-1' })).toBe(true);
  });

  it('end when they are expired, also before they began', () => {
    const active = silences.set(request(), NOW);
    const pending = silences.set(request({ startsAtMs: NOW + 1 }), NOW);
    for (const { id } of [active, pending]) {
      expect(silences.expire(id, NOW)).toBe(true);
      expect(silences.expire(id, NOW + 1)).toBe(true);
      expect(silences.get(id)).toMatchObject({ endsAtMs: NOW });
    }
    expect(silences.expire('nobody', NOW)).toBe(false);
  });

  it('keep their id when only their end or comment changes, else another takes their place', () => {
    const first = silences.set(request(), NOW);
    expect(silences.set({ ...first, endsAtMs: NOW + 2 * HOUR }, NOW).id).toBe(first.id);
    const wider = silences.set({ ...first, matchers: [matcher('env', 'prod')] }, NOW);
    expect(wider.id).not.toBe(first.id);
    expect(silenceState(silences.get(first.id) ?? wider, NOW)).toBe('expired');
  });

  it('are forgotten days after their end', () => {
    const { id, endsAtMs } = silences.set(request(), NOW);
    silences.tick(endsAtMs + SILENCE_RETENTION_MS);
    expect(silences.get(id)).toBeDefined();
    silences.tick(endsAtMs + SILENCE_RETENTION_MS + 1);
    expect(silences.get(id)).toBeUndefined();
  });

  it('are refused when they would cover everything, do not compile, or are too long', () => {
    const set = (changes: Partial<SilenceRequest>) => () => silences.set(request(changes), NOW);
    expect(set({ matchers: [matcher('a', '.*', { isRegex: true })] })).toThrow(
      'must not match the empty string',
    );
    expect(set({ matchers: [matcher('a', '(', { isRegex: true })] })).toThrow('invalid regular expression');
    expect(set({ comment: 'x'.repeat(MAX_SILENCE_CHARACTERS) })).toThrow('longer than');
    expect(set({ id: 'nobody' })).toThrow('silence not found');
    expect(silences.list()).toEqual([]);
  });
});
