import { chmod, open } from 'node:fs/promises';
import { backup, DatabaseSync } from 'node:sqlite';
import { DATABASE_STEP_PAGES } from './limits.ts';

/** A database as it was at one moment, whatever is written to it afterwards. */
export interface PinnedDatabase extends Disposable {
  /** Copies it into one file that needs no log beside it; durable when it resolves. */
  copyTo(target: string): Promise<void>;
}

/** Opens a read transaction and keeps it: writers go on beside it, in the write-ahead log. */
export function pinDatabase(file: string): PinnedDatabase {
  using cleanup = new DisposableStack();
  const database = cleanup.adopt(new DatabaseSync(file, { readOnly: true, timeout: 1000 }), (held) =>
    held.close(),
  );
  // A transaction sees the moment of its first read.
  database.exec('BEGIN; SELECT count(*) FROM sqlite_schema');
  const held = cleanup.move();
  return {
    async copyTo(target) {
      await backup(database, target, { rate: DATABASE_STEP_PAGES });
      await chmod(target, 0o600);
      await using copy = await open(target, 'r+');
      await copy.datasync();
    },
    [Symbol.dispose]: () => held.dispose(),
  };
}
