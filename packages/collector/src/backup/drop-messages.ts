import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

/**
 * Empties the restored queue of notifications and has every channel go on behind the journal's end. What waited at the
 * cut was most likely sent since, by the collector that is gone: it would page people for the past.
 *
 * @returns how many messages were dropped.
 */
export function dropMessages(file: string, journalEvents: number): number {
  if (!existsSync(file)) return 0;
  using database = new DatabaseSync(file);
  const { changes } = database.prepare('DELETE FROM messages').run();
  database.prepare('UPDATE channels SET cursor = ?').run(journalEvents);
  return Number(changes);
}
