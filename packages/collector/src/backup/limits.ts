/** Bytes read, hashed and written at a time: short enough that requests beside a backup do not wait, milliseconds. */
export const COPY_CHUNK_BYTES = 256 * 1024;

/** Pages of a database copied in one step, on a thread of the runtime's pool. */
export const DATABASE_STEP_PAGES = 500;

/** Files without structure are read as they are when the line is drawn, bytes: keys and tokens are far below it. */
export const MAX_SMALL_FILE_BYTES = 16 * 1024 * 1024;

/** Backups the collector remembers, for whoever asks how one went. */
export const MAX_BACKUPS_REMEMBERED = 20;

/** A manifest's size, bytes: a file takes about 200, and thirty years of days are 11,000. */
export const MAX_MANIFEST_BYTES = 64 * 1024 * 1024;

/** Damaged pages of a file that a manifest lists: whoever needs more has a file that is of no use. */
export const MAX_PAGES_KEPT = 1000;
