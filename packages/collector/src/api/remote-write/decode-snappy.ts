/** Why a block is refused; the message goes into the answer. */
export class SnappyError extends Error {
  override readonly name = 'SnappyError';
}

const MAX_LENGTH_BYTES = 5;

/**
 * Decodes one block of the snappy block format (github.com/google/snappy, format_description.txt). Every length and
 * offset is checked before it is used, and nothing is allocated beyond `maxBytes`, so that any bytes give either the
 * text or a SnappyError.
 */
export function decodeSnappy(block: Uint8Array, maxBytes: number): Uint8Array {
  const { size, at: start } = readSize(block);
  if (size > maxBytes) throw new SnappyError(`snappy: decoded block is larger than ${maxBytes} bytes`);
  const output = new Uint8Array(size);
  let at = start;
  let length = 0;
  while (at < block.length) {
    const tag = block[at] ?? 0;
    if ((tag & 3) === 0) {
      const literal = readLiteral(block, at);
      ensure(length + literal.size <= size && literal.at + literal.size <= block.length);
      output.set(block.subarray(literal.at, literal.at + literal.size), length);
      at = literal.at + literal.size;
      length += literal.size;
    } else {
      const copy = readCopy(block, at);
      ensure(copy.offset > 0 && copy.offset <= length && length + copy.size <= size);
      copyWithin(output, length, copy.offset, copy.size);
      at = copy.at;
      length += copy.size;
    }
  }
  ensure(length === size);
  return output;
}

function ensure(holds: boolean): void {
  if (!holds) throw new SnappyError('snappy: corrupt input');
}

/** The decoded size, a varint of at most 32 bits. */
function readSize(block: Uint8Array): { size: number; at: number } {
  let size = 0;
  for (let at = 0; at < MAX_LENGTH_BYTES; at++) {
    const byte = block[at];
    ensure(byte !== undefined);
    size += ((byte ?? 0) & 0x7f) * 2 ** (7 * at);
    if ((byte ?? 0) < 0x80) {
      ensure(size < 2 ** 32);
      return { size, at: at + 1 };
    }
  }
  throw new SnappyError('snappy: corrupt input');
}

/** A literal's size and where its bytes begin; sizes above 60 follow the tag in one to four bytes. */
function readLiteral(block: Uint8Array, tagAt: number): { size: number; at: number } {
  const inTag = (block[tagAt] ?? 0) >>> 2;
  if (inTag < 60) return { size: inTag + 1, at: tagAt + 1 };
  const bytes = inTag - 59;
  return { size: littleEndian(block, tagAt + 1, bytes) + 1, at: tagAt + 1 + bytes };
}

function readCopy(block: Uint8Array, tagAt: number): { size: number; offset: number; at: number } {
  const tag = block[tagAt] ?? 0;
  if ((tag & 3) === 1) {
    const offset = (tag >>> 5) * 256 + littleEndian(block, tagAt + 1, 1);
    return { size: ((tag >>> 2) & 7) + 4, offset, at: tagAt + 2 };
  }
  const bytes = (tag & 3) === 2 ? 2 : 4;
  return { size: (tag >>> 2) + 1, offset: littleEndian(block, tagAt + 1, bytes), at: tagAt + 1 + bytes };
}

function littleEndian(block: Uint8Array, at: number, bytes: number): number {
  ensure(at + bytes <= block.length);
  let value = 0;
  for (let i = bytes - 1; i >= 0; i--) value = value * 256 + (block[at + i] ?? 0);
  return value;
}

/** Copies forward byte by byte where source and target overlap: that is how runs are encoded. */
function copyWithin(output: Uint8Array, at: number, offset: number, size: number): void {
  if (offset >= size) {
    output.copyWithin(at, at - offset, at - offset + size);
    return;
  }
  for (let i = 0; i < size; i++) output[at + i] = output[at + i - offset] ?? 0;
}
