/** The longest a write may take unless told otherwise, milliseconds: then the server counts as frozen. */
export const DEFAULT_WRITE_DEADLINE_MS = 20_000;

/** The longest a read may take unless told otherwise, milliseconds: a month of a large estate, with doubt. */
export const DEFAULT_READ_DEADLINE_MS = 60_000;

/** Bytes of one request to write: large ones cost the server fewer commits, and this is held in memory twice. */
export const MAX_REQUEST_BYTES = 8 * 1024 * 1024;

/** Characters of one SQL statement; it travels in an address, and the server's default is 64 KiB for all headers. */
export const MAX_SQL_CHARACTERS = 12_000;

/** Samples one read may hold: as many as a query of PromQL may. */
export const MAX_READ_SAMPLES = 50_000_000;

/** Bytes of an answer that is read whole: names and definitions, never samples. A million series' labels fit. */
export const MAX_WHOLE_ANSWER_BYTES = 512 * 1024 * 1024;

/** Bytes of one row of an answer: label sets are limited where they come in, far below this. */
export const MAX_ROW_BYTES = 4 * 1024 * 1024;

/** Metrics that always come together before they get a table of their own: fewer cost more there than in the shared one. */
export const MIN_WIDE_COLUMNS = 4;

/** Metrics of one table: more are cut into several, because a definition travels in an address. */
export const MAX_WIDE_COLUMNS = 128;

/** Rows in which the same metrics have to come together first, so that an accident makes no table. */
export const ROWS_BEFORE_TABLE = 3;

/** Tables of our own making; each takes memory and files on the server. Agents of this project need about thirty. */
export const MAX_WIDE_TABLES = 256;

/**
 * Where a table holds these metrics and more, they become a table of their own only when they came in this many rows, and
 * in this share of the rows that filled the larger table meanwhile: a batch's edge cuts rows anywhere.
 */
export const ROWS_BEFORE_SMALLER_TABLE = 64;
export const SHARE_BEFORE_SMALLER_TABLE = 0.05;

/** Sets of metrics that are being watched for becoming a table; when full, watching starts over. */
export const MAX_CANDIDATES = 1000;

/** Label sets without the metric's name that are remembered; when full, remembering starts over. */
export const MAX_ROWS_REMEMBERED = 500_000;

/** Ways to split rows that are remembered; when full, remembering starts over. */
export const MAX_SPLITS = 10_000;

/** How old what is known about the server's tables may be, milliseconds: someone else may add or drop one. */
export const TABLES_MAX_AGE_MS = 60_000;

/** Series ids put into one condition; beyond it the metric's name alone narrows the read. */
export const MAX_IDS_IN_CONDITION = 200;

/** A step this long pays for thinning on the server, milliseconds; below it nearly every sample is wanted anyway. */
export const MIN_THINNING_STEP_MS = 30_000;

/** The newest time that is taken, milliseconds: the end of the year 2200, within the server's and JavaScript's integers. */
export const MAX_TIMESTAMP_MS = 7_289_654_399_999;

/**
 * What the server acknowledged survives its process, and its machine's crash only this much later, milliseconds: it
 * leaves writing to disk to the kernel, which takes up to half a minute by default.
 */
export const SETTLE_MS = 60_000;
