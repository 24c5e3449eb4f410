const OFFSET_BASIS = 0xcbf29ce484222325n;
const PRIME = 0x100000001b3n;
const SEPARATOR = 0xff;

/**
 * The fingerprint Alertmanager gives a label set: FNV-1a, 64 bits, over names and values in the order of names, each
 * followed by 0xff. Sixteen hexadecimal digits.
 */
export function fingerprint(labels: Readonly<Record<string, string>>): string {
  const encoder = new TextEncoder();
  let hash = OFFSET_BASIS;
  const add = (byte: number): void => {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * PRIME);
  };
  for (const [name, value] of Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1)))
    for (const part of [name, value]) {
      for (const byte of encoder.encode(part)) add(byte);
      add(SEPARATOR);
    }
  return hash.toString(16).padStart(16, '0');
}
