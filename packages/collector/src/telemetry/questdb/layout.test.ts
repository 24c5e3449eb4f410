import { describe, expect, it } from 'vitest';
import { Labels } from '@plimsoll/promql';
import { SeriesDescriber } from './describe-series.ts';
import { Layout } from './layout.ts';
import { MAX_WIDE_COLUMNS, MAX_WIDE_TABLES, ROWS_BEFORE_SMALLER_TABLE, ROWS_BEFORE_TABLE } from './limits.ts';
import type { WideTable } from './wide-table.ts';
import { wideTable } from './wide-table.ts';

const describer = new SeriesDescriber();
const { row: labels } = describer.describe(Labels.of({ __name__: 'm', instance: 'a', job: 'node' }));

const memory = ['node_memory_A', 'node_memory_B', 'node_memory_C', 'node_memory_D', 'node_memory_E'];
const loads = ['node_load1', 'node_load5', 'node_load15', 'node_forks_total'];

/** Counts a row so often, makes the tables that are wanted then, and answers their metrics. */
function write(layout: Layout, tables: WideTable[], metrics: readonly string[], times: number): string[][] {
  for (let i = 0; i < times; i++) layout.count(layout.split(labels, metrics), labels);
  const wanted = layout.wanted();
  tables.push(...wanted);
  if (wanted.length > 0) layout.use({ wide: [...tables], altered: new Set(), suspended: [] });
  return wanted.map((table) => table.metrics.slice());
}

function place(layout: Layout, metrics: readonly string[]) {
  const { wide, shared } = layout.split(labels, metrics);
  return {
    wide: wide.map(({ positions }) => positions.map((position) => metrics[position])),
    shared: shared.map((position) => metrics[position]),
  };
}

describe('Layout', () => {
  it('makes a table of what came together several times, by the words of the names', () => {
    const layout = new Layout('p_');
    const row = [...loads, ...memory, 'other'];
    expect(write(layout, [], row, ROWS_BEFORE_TABLE - 1)).toEqual([]);
    expect(place(layout, row).shared).toEqual(row);
    expect(write(layout, [], row, 1)).toEqual([memory, loads.toSorted()]);
    expect(place(layout, row)).toEqual({ wide: [memory, loads.toSorted()], shared: ['other'] });
  });

  it('puts a row with gaps into the shared table, and what is more besides', () => {
    const layout = new Layout('p_');
    write(layout, [], memory, ROWS_BEFORE_TABLE);
    expect(place(layout, memory.slice(1))).toEqual({ wide: [], shared: memory.slice(1) });
    const more = [...memory, 'node_memory_Z'].toReversed();
    expect(place(layout, more)).toEqual({ wide: [memory], shared: ['node_memory_Z'] });
  });

  it('takes the later of two samples of one metric', () => {
    const layout = new Layout('p_');
    write(layout, [], memory, ROWS_BEFORE_TABLE);
    const [part] = layout.split(labels, ['node_memory_A', ...memory]).wide;
    expect(part?.positions).toEqual([1, 2, 3, 4, 5]);
  });

  it('makes a smaller table only for a fair share of the rows', () => {
    const layout = new Layout('p_');
    const tables: WideTable[] = [];
    write(layout, tables, memory, ROWS_BEFORE_TABLE);
    const smaller = memory.slice(1);
    for (let i = 0; i < ROWS_BEFORE_SMALLER_TABLE; i++) {
      expect(write(layout, tables, smaller, 1)).toEqual([]);
      expect(write(layout, tables, memory, 30)).toEqual([]);
    }
    expect(write(layout, tables, smaller, ROWS_BEFORE_SMALLER_TABLE)).toEqual([smaller]);
    expect(place(layout, smaller).wide).toEqual([smaller]);
    expect(place(layout, memory).wide).toEqual([memory]);
  });

  it('cuts what is too wide, and leaves out what cannot be columns', () => {
    const layout = new Layout('p_');
    const many = Array.from({ length: MAX_WIDE_COLUMNS + 10 }, (_, i) => `a_b_${i}`);
    const made = write(layout, [], many, ROWS_BEFORE_TABLE);
    expect(made.flat().toSorted()).toEqual(many.toSorted());
    expect(made).toHaveLength(2);
    const odd = ['x_y_a', 'x_y_A', 'x_y_b', 'x_y_c'];
    expect(write(layout, [], odd, ROWS_BEFORE_TABLE)).toEqual([]);
  });

  it('makes no more tables than there may be', () => {
    const layout = new Layout('p_');
    const full = Array.from({ length: MAX_WIDE_TABLES }, (_, i) => wideTable('p_', 'g', ['l'], [`m${i}`]));
    layout.use({ wide: full, altered: new Set(), suspended: [] });
    expect(write(layout, full, memory, ROWS_BEFORE_TABLE)).toEqual([]);
  });

  it('does not write to a table that someone changed', () => {
    const layout = new Layout('p_');
    const tables: WideTable[] = [];
    write(layout, tables, memory, ROWS_BEFORE_TABLE);
    layout.use({ wide: tables, altered: new Set(tables.map(({ name }) => name)), suspended: [] });
    expect(place(layout, memory)).toEqual({ wide: [], shared: memory });
    expect(write(layout, tables, memory, 1000)).toEqual([]);
  });
});
