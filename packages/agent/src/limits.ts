/** Largest pseudo file read in one collection, bytes: /proc/stat of a machine with thousands of interrupts is 200 KiB. */
export const MAX_PROC_FILE_BYTES = 4 * 1024 * 1024;

/** Series one agent keeps at once. A host with hundreds of disks has about 10,000; beyond it a textfile runs away. */
export const MAX_SERIES = 50_000;

/** How long one statfs may take before its mount counts as stuck, milliseconds: a dead NFS server answers never. */
export const STATFS_TIMEOUT_MS = 5_000;

/**
 * How long a collection waits for statfs before it leaves the mount out, milliseconds: a frame must not be late for one
 * slow disk, and the answer still arrives for the next collection.
 */
export const STATFS_PATIENCE_MS = 200;

/** Mounts seen by the filesystem collector: container hosts have thousands, nearly all of them filtered. */
export const MAX_MOUNTS = 2_000;

/** Largest textfile read, bytes: one metric a line, it is thousands of series. */
export const MAX_TEXTFILE_BYTES = 4 * 1024 * 1024;

/** Textfiles read in one directory. */
export const MAX_TEXTFILES = 1_000;

/** Shortest and longest collection interval, milliseconds, as the collector accepts them. */
export const MIN_COLLECT_INTERVAL_MS = 100;
export const MAX_COLLECT_INTERVAL_MS = 300_000;

/** How often one kind of warning is logged, milliseconds; repeats in between are counted. */
export const LOG_REPEAT_MS = 60_000;

/** How long the collector may take to answer Hello, milliseconds. */
export const WELCOME_TIMEOUT_MS = 10_000;

/** How long frames in flight may stay without any acknowledgement before the stream counts as dead, milliseconds. */
export const ACK_TIMEOUT_MS = 30_000;

/** How often an idle connection is probed, milliseconds: frames and their acknowledgements show sooner that it lives. */
export const KEEPALIVE_MS = 120_000;

/** Reconnection waits a random part of a span that doubles from the first to the second number, milliseconds. */
export const RECONNECT_FIRST_MS = 500;
export const RECONNECT_CAP_MS = 30_000;

/** The same where the collector refuses this agent: trying again helps only once someone has acted. */
export const REFUSED_FIRST_MS = 5_000;
export const REFUSED_CAP_MS = 60_000;

/** Frames of backfill written before the event loop gets its turn. */
export const BACKFILL_BATCH_FRAMES = 16;

/** Frames in flight where the collector names no limit. */
export const DEFAULT_FRAMES_IN_FLIGHT = 16;

/** Dictionaries one stream may rely on: half of what a collector keeps, so that neither side is ever surprised. */
export const MAX_DEFINED_DICTIONARIES = 128;

/** How long the end of the agent waits for the last acknowledgements, milliseconds. */
export const DRAIN_TIMEOUT_MS = 1_000;

/** Smallest spool, bytes: room for a few segments, else the newest frames would push each other out. */
export const MIN_SPOOL_BYTES = 1024 * 1024;

/** How often the inventory is taken, milliseconds: hardware changes seldom, and looking at it starts processes. */
export const INVENTORY_INTERVAL_MS = 24 * 60 * 60 * 1000;

/** How long taking the inventory may last, milliseconds: some tools it asks wait for hardware. */
export const INVENTORY_TIMEOUT_MS = 60_000;

/** Largest inventory, bytes: a machine with a thousand disks and interfaces has about 300 KiB. */
export const MAX_INVENTORY_BYTES = 1024 * 1024;

/** Wait before a crashed agent is started again, milliseconds; doubles up to the second number. */
export const RESTART_FIRST_MS = 500;
export const RESTART_CAP_MS = 30_000;

/** How long an agent may take to end when asked to, milliseconds, before it is killed. */
export const STOP_TIMEOUT_MS = 5_000;

/** How long an agent may take from its start to ready, milliseconds. */
export const READY_TIMEOUT_MS = 30_000;

/** Largest segment of the spool, bytes: the piece that is dropped at the limit, and read at once at the start. */
export const MAX_SEGMENT_BYTES = 1024 * 1024;

/** A small spool still has this many segments, so that its limit costs only a part of what it holds. */
export const SEGMENTS_IN_SPOOL = 8;

/** A scrape of the agent's page gets values at most this old, milliseconds, without a collection of its own. */
export const PAGE_FRESHNESS_MS = 1_000;

/** A segment with nothing left to send is cut once it has this size, bytes. */
export const LAZY_CLEAR_BYTES = 128 * 1024;
