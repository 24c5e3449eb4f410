import { existsSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { isCorrupt } from '../page-sums/is-corrupt.ts';

/**
 * Empties the restored queue of notifications and has every channel go on behind the journal's end. What waited at the
 * cut was most likely sent since, by the collector that is gone: it would page people for the past.
 * A queue that was damaged before and cannot be read is removed: a new one begins behind the journal's end as well.
 *
 * @returns how many messages were dropped.
 */
export function dropMessages(file: string, journalEvents: number): number {
  if (!existsSync(file)) return 0;
  try {
    using database = new DatabaseSync(file);
    const { changes } = database.prepare('DELETE FROM messages').run();
    database.prepare('UPDATE channels SET cursor = ?').run(journalEvents);
    return Number(changes);
  } catch (error) {
    if (!isCorrupt(error, file)) throw error;
    for (const companion of ['', '-wal', '-shm']) rmSync(file + companion, { force: true });
    return 0;
  }
}
