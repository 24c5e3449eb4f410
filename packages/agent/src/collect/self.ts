import { counter, gauge, seriesOf } from '../frame/series.ts';
import type { SeriesTable } from '../frame/series-table.ts';
import type { SpoolStats } from '../spool/spool.ts';
import type { UplinkStats } from '../uplink/uplink.ts';

const FAMILIES = [
  counter('process_cpu_seconds_total', 'Total user and system CPU time spent in seconds.'),
  gauge('process_resident_memory_bytes', 'Resident memory size in bytes.'),
  gauge('process_start_time_seconds', 'Start time of the process since unix epoch in seconds.'),
  counter('plimsoll_agent_frames_collected_total', 'Collections made since the agent started.'),
  counter('plimsoll_agent_frames_sent_total', 'Frames sent to the collector, repetitions included.'),
  counter(
    'plimsoll_agent_frames_backfilled_total',
    'Frames sent later than their collection, from the spool.',
  ),
  counter('plimsoll_agent_frames_acknowledged_total', 'Frames the collector said are durable.'),
  counter('plimsoll_agent_frames_refused_total', 'Frames the collector refused for good.'),
  counter('plimsoll_agent_frames_dropped_total', 'Frames lost because the spool was full or damaged.'),
  counter('plimsoll_agent_spool_write_failures_total', 'Frames the disk did not take into the spool.'),
  gauge('plimsoll_agent_spool_bytes', 'Size of the spool on disk.'),
  gauge('plimsoll_agent_spool_frames', 'Frames in the spool, not acknowledged yet.'),
  gauge('plimsoll_agent_collection_duration_seconds', 'Time the last collection took.'),
  counter(
    'plimsoll_agent_collections_missed_total',
    'Collections left out because the one before was not over.',
  ),
  counter('plimsoll_agent_series_refused_total', 'Series refused because the agent has its limit of them.'),
  gauge('plimsoll_agent_series', 'Series in a collection.'),
  counter('plimsoll_agent_reconnects_total', 'Attempts to connect to the collector after the first.'),
  gauge(
    'plimsoll_agent_clock_ahead_seconds',
    "This host's clock minus the collector's, as the agent measures it.",
  ),
  gauge('plimsoll_agent_connected', '1 while the stream to the collector is up, else 0.'),
];

export interface SelfStats {
  readonly framesCollected: number;
  readonly collectionSeconds: number;
  readonly collectionsMissed: number;
  readonly uplink: UplinkStats;
  readonly spool: SpoolStats;
}

/** Writes what the agent knows of itself beside what it collects. */
export function selfCollector(table: SeriesTable, stats: () => SelfStats): () => void {
  const first = table.add(seriesOf(FAMILIES));
  const startSeconds = performance.timeOrigin / 1000;
  return () => {
    const { framesCollected, collectionSeconds, collectionsMissed, uplink, spool } = stats();
    const usage = process.cpuUsage();
    const values = [
      (usage.user + usage.system) / 1e6,
      process.memoryUsage.rss(),
      startSeconds,
      framesCollected,
      uplink.framesSent,
      uplink.framesBackfilled,
      uplink.framesAcknowledged,
      uplink.framesRefused,
      spool.dropped + spool.damaged,
      spool.unwritten,
      spool.bytes,
      spool.frames,
      collectionSeconds,
      collectionsMissed,
      table.refused,
      table.live,
      uplink.reconnects,
      uplink.clockOffsetSeconds,
      uplink.connected ? 1 : 0,
    ];
    for (const [index, value] of values.entries()) if (value !== undefined) table.set(first + index, value);
  };
}
