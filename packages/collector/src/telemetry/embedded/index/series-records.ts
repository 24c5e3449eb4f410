import { Labels } from '@plimsoll/promql';
import type { SeriesRef } from '../../store.ts';
import { ByteReader } from '../byte-reader.ts';
import { ByteWriter } from '../byte-writer.ts';

/** Label sets of series repeat most of their text: each string is written once. */
export function encodeSeries(
  refs: readonly SeriesRef[],
  pairsOf: (ref: SeriesRef) => readonly string[],
): Uint8Array<ArrayBuffer> {
  const symbols = new Map<string, number>();
  const body = new ByteWriter();
  for (const ref of refs) {
    const pairs = pairsOf(ref);
    body.varint(ref);
    body.varint(pairs.length);
    for (const part of pairs) {
      let symbol = symbols.get(part);
      if (symbol === undefined) symbols.set(part, (symbol = symbols.size));
      body.varint(symbol);
    }
  }
  const out = new ByteWriter();
  out.varint(symbols.size);
  for (const symbol of symbols.keys()) out.text(symbol);
  out.bytes(body.written());
  return out.written().slice();
}

export function decodeSeries(data: Uint8Array, visit: (ref: SeriesRef, labels: Labels) => void): void {
  const reader = new ByteReader(data);
  const symbols = Array.from({ length: reader.varint() }, () => reader.text());
  while (!reader.atEnd) {
    const ref = reader.varint();
    const pairs: string[] = [];
    for (let left = reader.varint(); left > 0; left--) pairs.push(symbols[reader.varint()] ?? '');
    visit(ref, Labels.fromSortedPairs(pairs));
  }
}
