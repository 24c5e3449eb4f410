/** Reads Prometheus' XOR chunk: written from the format's description, apart from the encoder under test. */
export function decodeXorChunk(bytes: Uint8Array): { timestampsMs: number[]; bits: bigint[] } {
  const text = Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0')).join('');
  let at = 0;
  const take = (count: number): bigint => {
    const part = text.slice(at, (at += count));
    if (part.length < count) throw new Error('the chunk ends early');
    return count === 0 ? 0n : BigInt(`0b${part}`);
  };
  const ones = (most: number): number => {
    let count = 0;
    while (count < most && take(1) === 1n) count++;
    return count;
  };
  const uvarint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = take(8);
      value |= (byte & 0x7fn) << shift;
      if (byte < 0x80n) return value;
    }
  };
  const count = Number(take(16));
  const timestampsMs: number[] = [];
  const values: bigint[] = [];
  let delta = 0;
  let leading = 0;
  let length = 0;
  for (let index = 0; index < count; index++) {
    if (index === 0) {
      const folded = uvarint();
      timestampsMs.push(Number((folded & 1n) === 1n ? -(folded >> 1n) - 1n : folded >> 1n));
      values.push(take(64));
      continue;
    }
    if (index === 1) delta = Number(uvarint());
    else {
      const width = [0, 14, 17, 20, 64][ones(4)] ?? 0;
      const raw = take(width);
      const half = 2n ** BigInt(Math.max(width, 1) - 1);
      // Half itself is positive, but for the full width.
      const negative = width === 64 ? raw >= half : raw > half;
      delta += Number(negative ? raw - 2n * half : raw);
    }
    timestampsMs.push((timestampsMs.at(-1) ?? 0) + delta);
    const before = values.at(-1) ?? 0n;
    if (take(1) === 0n) {
      values.push(before);
      continue;
    }
    if (take(1) === 1n) {
      leading = Number(take(5));
      length = Number(take(6)) || 64;
    }
    values.push(before ^ (take(length) << BigInt(64 - leading - length)));
  }
  return { timestampsMs, bits: values };
}
