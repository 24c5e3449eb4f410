import { createBuffer, SenderOptions } from '@questdb/nodejs-client';
import { describe, expect, it } from 'vitest';
import { SeriesDescriber } from './describe-series.ts';
import { columnStart, LineBuffer } from './line-buffer.ts';
import { Labels } from '@plimsoll/promql';

describe('LineBuffer', () => {
  it('writes the bytes that the client library writes', () => {
    const theirs = createBuffer(new SenderOptions('http::addr=127.0.0.1:1;protocol_version=2'));
    const ours = new LineBuffer();
    const columns = [columnStart(' ', 'a'), columnStart(',', 'b')];
    const describer = new SeriesDescriber();
    const values = ['sda', 'a b,c=d', 'back\\slash', 'two\nlines\r', 'é😀"\''];
    for (const [i, value] of values.entries()) {
      const timestampMs = 1_700_000_000_000 + i;
      theirs
        .table('t')
        .symbol('device', value)
        .symbol('host', 'h')
        .floatColumn('a', i / 3)
        .floatColumn('b', -0);
      theirs.at(timestampMs, 'ms');
      const { row } = describer.describe(Labels.of({ __name__: 'a', device: value, host: 'h' }));
      ours.text(`t${row.symbols}`);
      for (const start of columns) ours.double(start, start === columns[0] ? i / 3 : -0);
      ours.time(timestampMs);
    }
    expect(ours.bytes.toString('latin1')).toBe(theirs.toBufferView().toString('latin1'));
  });

  it('grows, and starts over when cleared', () => {
    const lines = new LineBuffer();
    const text = 'é'.repeat(3000);
    for (let i = 0; i < 1000; i++) lines.text(text);
    expect(lines.bytes.toString()).toBe(text.repeat(1000));
    lines.clear();
    expect(lines.length).toBe(0);
  });
});
