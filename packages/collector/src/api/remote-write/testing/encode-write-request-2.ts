import { field, varint } from './encode-write-request.ts';

/** A series of remote write 2.0 to encode: written from the protocol's description, apart from the decoder under test. */
export interface SeriesToWrite2 {
  readonly labels: readonly (readonly [name: string, value: string])[];
  readonly samples?: readonly { readonly timestampMs: number; readonly value: number }[];
  readonly metadata?: { readonly type: number; readonly help: string; readonly unit: string };
  /** Bytes put behind, such as a histogram's field. */
  readonly rest?: Uint8Array;
  /** References put behind those of the labels. */
  readonly references?: readonly number[];
}

/** `io.prometheus.write.v2.Request` in the protocol buffers encoding. */
export function encodeWriteRequest2(series: readonly SeriesToWrite2[]): Buffer {
  const symbols = [''];
  const reference = (text: string): number => {
    const known = symbols.indexOf(text);
    return known >= 0 ? known : symbols.push(text) - 1;
  };
  const messages = series.map((one) => field(5, encodeSeries(one, reference)));
  return Buffer.concat([...symbols.map((symbol) => field(4, Buffer.from(symbol))), ...messages]);
}

function encodeSeries(
  { labels, samples = [], metadata, rest, references = [] }: SeriesToWrite2,
  reference: (text: string) => number,
): Buffer {
  const own = labels.flatMap(([name, value]) => [reference(name), reference(value)]);
  const parts = [field(1, Buffer.concat([...own, ...references].map(varint)))];
  for (const { timestampMs, value } of samples) {
    const double = Buffer.alloc(8);
    double.writeDoubleLE(value);
    parts.push(field(2, Buffer.concat([varint(1 * 8 + 1), double, varint(2 * 8), varint(timestampMs)])));
  }
  if (metadata !== undefined) {
    const { type, help, unit } = metadata;
    const members = [1 * 8, type, 3 * 8, reference(help), 4 * 8, reference(unit)];
    parts.push(field(5, Buffer.concat(members.map(varint))));
  }
  return Buffer.concat([...parts, rest ?? Buffer.alloc(0)]);
}
