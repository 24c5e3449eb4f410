import { describe, expect, it } from 'vitest';
import { hostCharts, quoted } from './host-charts.ts';

describe('hostCharts', () => {
  it('asks about this host only, whatever it is called', () => {
    const charts = hostCharts('odd"name\\', 60);
    for (const { queries } of charts) {
      for (const { expression } of queries) expect(expression).toContain('instance="odd\\"name\\\\"');
    }
    expect(new Set(charts.map(({ title }) => title)).size).toBe(charts.length);
  });

  it('quotes as PromQL does', () => {
    expect(quoted('a\n"b"\\')).toBe('"a\\n\\"b\\"\\\\"');
  });
});
