/** A remote write request to encode: written from the protocol's description, apart from the decoder under test. */
export interface SeriesToWrite {
  readonly labels: readonly (readonly [name: string, value: string])[];
  readonly samples: readonly {
    readonly timestampMs: number;
    readonly value?: number;
    /** The value's eight bytes as they are, for NaNs with a payload. */
    readonly bits?: Uint8Array;
  }[];
}

/** A base 128 varint; negative numbers as 64 bits of two's complement. */
export function varint(value: number): Buffer {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  while (rest >= 0x80n) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  return Buffer.from([...bytes, Number(rest)]);
}

/** A length-delimited field. */
export function field(number: number, content: Uint8Array): Buffer {
  return Buffer.concat([varint(number * 8 + 2), varint(content.length), content]);
}

/** `prometheus.WriteRequest` in the protocol buffers encoding. */
export function encodeWriteRequest(series: readonly SeriesToWrite[]): Buffer {
  return Buffer.concat(series.map((one) => field(1, encodeSeries(one))));
}

function encodeSeries({ labels, samples }: SeriesToWrite): Buffer {
  return Buffer.concat([
    ...labels.map(([name, value]) =>
      field(1, Buffer.concat([field(1, Buffer.from(name)), field(2, Buffer.from(value))])),
    ),
    ...samples.map(({ timestampMs, value, bits }) => {
      const double = Buffer.alloc(8);
      if (bits === undefined) double.writeDoubleLE(value ?? 0);
      else double.set(bits);
      return field(2, Buffer.concat([varint(1 * 8 + 1), double, varint(2 * 8), varint(timestampMs)]));
    }),
  ]);
}
