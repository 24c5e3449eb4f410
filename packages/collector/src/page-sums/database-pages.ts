import { closeSync, openSync, readSync } from 'node:fs';

/** SQLite's page size is in its header; 1 stands for 64 KiB. */
const PAGE_SIZE_OFFSET = 16;
const DATABASE_HEADER_BYTES = 100;
/** Read at a time: a multiple of every page size. */
const READ_BYTES = 1024 * 1024;

/** The size of a database's pages by how its file begins; 0 for what is none. */
export function pageBytesOf(beginning: Uint8Array): number {
  if (beginning.length < DATABASE_HEADER_BYTES) return 0;
  const view = new DataView(beginning.buffer, beginning.byteOffset, beginning.byteLength);
  const written = view.getUint16(PAGE_SIZE_OFFSET);
  const pageBytes = written === 1 ? 65_536 : written;
  return pageBytes < 512 || (pageBytes & (pageBytes - 1)) !== 0 ? 0 : pageBytes;
}

/** A file in parts of many whole pages, from the first; each is valid until the next. */
export function* readParts(file: string): Generator<Uint8Array, void> {
  const fd = openSync(file, 'r');
  try {
    const part = new Uint8Array(READ_BYTES);
    for (let at = 0; ; at += READ_BYTES) {
      const read = readSync(fd, part, 0, READ_BYTES, at);
      if (read > 0) yield part.subarray(0, read);
      if (read < READ_BYTES) return;
    }
  } finally {
    closeSync(fd);
  }
}
