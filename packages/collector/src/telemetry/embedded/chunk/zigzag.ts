/** Maps 0, -1, 1, -2, ... to 0, 1, 2, 3, ...; exact for integers of at most 52 bits. */
export function zigzagEncode(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

export function zigzagDecode(code: number): number {
  return code % 2 === 0 ? code / 2 : -(code + 1) / 2;
}
