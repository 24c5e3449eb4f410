import {
  closeSync,
  constants,
  fdatasyncSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';

/**
 * The file calls that durability rests on, in one place so that tests can make the n-th of them fail. All are
 * synchronous: they run on the writer's thread, where waiting is the point.
 */
export interface FileLayer {
  /** Opens for appending, creating the file where it is missing. */
  openAppend(path: string): number;
  /** Writes all of `bytes` at the file's end. */
  append(fd: number, bytes: Uint8Array): void;
  datasync(fd: number): void;
  truncate(fd: number, sizeBytes: number): void;
  close(fd: number): void;
  rename(from: string, to: string): void;
  remove(path: string): void;
  /** Makes names created, renamed or removed in a directory durable. */
  syncDirectory(path: string): void;
  /** Called right before a database transaction commits. */
  beforeCommit(database: string): void;
}

/** The real file calls of this machine. */
export const systemFiles: FileLayer = {
  openAppend: (path) => openSync(path, 'a', 0o640),
  append(fd, bytes) {
    let written = 0;
    while (written < bytes.length) written += writeSync(fd, bytes, written, bytes.length - written);
  },
  datasync: fdatasyncSync,
  truncate: ftruncateSync,
  close: closeSync,
  rename: renameSync,
  remove: (path) => rmSync(path, { force: true }),
  syncDirectory(path) {
    const fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
    try {
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  },
  beforeCommit: () => undefined,
};
