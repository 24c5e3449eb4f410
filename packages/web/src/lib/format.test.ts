import { describe, expect, it } from 'vitest';
import {
  counted,
  formatBitsPerSecond,
  formatBytes,
  formatChance,
  formatNumber,
  formatTick,
  formatValue,
  readableTemplate,
  sentence,
} from './format.ts';

describe('formatBytes', () => {
  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1 KiB'],
    [1536, '1.50 KiB'],
    [10.25 * 1024 ** 2, '10.3 MiB'],
    [466 * 1024 ** 3, '466 GiB'],
    // Would otherwise read 1024 KiB.
    [1024 ** 2 - 1, '1 MiB'],
    [-2048, '−2 KiB'],
  ])('writes %d as %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });
});

describe('formatValue', () => {
  it('writes what is not known, and infinities, as signs', () => {
    expect(formatValue(null, 'bytes')).toBe('–');
    expect(formatValue(Number.NaN, 'ratio')).toBe('–');
    expect(formatValue(Number.NEGATIVE_INFINITY, 'count')).toBe('−∞');
  });

  it('carries the unit', () => {
    expect(formatValue(0.421, 'ratio')).toBe('42.1 %');
    expect(formatValue(1, 'ratio')).toBe('100 %');
    expect(formatValue(0.0004, 'ratio')).toBe('0.04 %');
    expect(formatValue(2048, 'bytesPerSecond')).toBe('2 KiB/s');
    expect(formatValue(90, 'seconds')).toBe('1 min 30 s');
    expect(formatValue(12.345, 'perSecond')).toBe('12.3/s');
  });
});

describe('readableTemplate', () => {
  it('names what will stand there', () => {
    expect(readableTemplate('{{ $labels.instance }} is at {{ $value | humanizePercentage }}')).toBe(
      '‹instance› is at ‹value›',
    );
    expect(readableTemplate('plain')).toBe('plain');
  });
});

describe('numbers', () => {
  it('groups whole ones and shortens fractions', () => {
    expect(formatNumber(1_234_567)).toBe('1,234,567');
    expect(formatNumber(93.18)).toBe('93.2');
    expect(formatNumber(-0.001_234)).toBe('−0.00123');
  });

  it('counts in words', () => {
    expect(counted(1, 'host')).toBe('1 host');
    expect(counted(0, 'host')).toBe('0 hosts');
    expect(counted(2, 'incident is open', 'incidents are open')).toBe('2 incidents are open');
  });

  it('never calls a chance certain', () => {
    expect([0, 0.009, 0.5, 0.995, 1].map(formatChance)).toEqual([
      'under 1 %',
      'under 1 %',
      '50 %',
      'over 99 %',
      'over 99 %',
    ]);
  });

  it('gives axis values the decimals their step needs', () => {
    expect(formatTick(0.25, 'ratio', 0.25)).toBe('25 %');
    expect(formatTick(0.025, 'ratio', 0.005)).toBe('2.5 %');
    expect(formatTick(0.3, 'ratio', 0.1)).toBe('30 %');
  });

  it('makes a sentence of a message', () => {
    expect(sentence('is it running?')).toBe('Is it running?');
    expect(sentence('there is no such host')).toBe('There is no such host.');
    expect(sentence('rules.yml:3: unknown key')).toBe('rules.yml:3: unknown key.');
    expect(sentence('Done.')).toBe('Done.');
  });

  it('tells line speeds as they are sold', () => {
    expect([900, 10_000_000, 2.5e9, 4e16].map(formatBitsPerSecond)).toEqual([
      '900 bit/s',
      '10 Mbit/s',
      '2.5 Gbit/s',
      '40,000 Tbit/s',
    ]);
  });
});
