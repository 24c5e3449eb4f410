/** An agent counts as silent after this many of its intervals without a frame: one lost, one late, one for doubt. */
export const MISSED_INTERVALS_UNTIL_SILENT = 3;

/**
 * A host that was not heard since the collector's start counts as silent no earlier than this, milliseconds: after a long
 * absence of the collector its agent tries again within 30 s, and that it was away says nothing about the host.
 */
export const RECONNECT_GRACE_MS = 45_000;

/** The shortest collection interval an agent may announce, milliseconds: below it /proc reads dominate. */
export const MIN_COLLECT_INTERVAL_MS = 100;

/** The longest, milliseconds: beyond it the default lookback of five minutes would show gaps. */
export const MAX_COLLECT_INTERVAL_MS = 300_000;

/**
 * Agents whose keys are pinned: each costs a row and some memory for good, and until certificates exist an id is whatever
 * the caller says. Twenty times the fleet one collector is measured with.
 */
export const MAX_AGENTS = 20_000;

/** Dictionaries of earlier epochs and versions one stream may define, for its backfill. */
export const MAX_DICTIONARIES_PER_STREAM = 256;

/** How often one kind of warning is logged per subject, milliseconds; repeats in between are counted. */
export const LOG_REPEAT_MS = 60_000;

/** An inventory as JSON, characters: the largest real ones (hundreds of disks) stay under a tenth of it. */
export const MAX_FACTS_CHARS = 262_144;

/** A changed inventory is journalled at most this often per host, milliseconds: the journal only grows. */
export const INVENTORY_SNAPSHOT_MS = 3_600_000;

/** Help text of a metric family, characters; more is cut. */
export const MAX_HELP_CHARS = 1024;

/** Metric families with metadata over all agents; a server's own exporters together have a few thousand. */
export const MAX_METADATA_FAMILIES = 100_000;
