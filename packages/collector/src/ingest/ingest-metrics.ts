import { Counter, Gauge, type Registry } from 'prom-client';

/** What ingest counts. */
export interface IngestMetrics {
  readonly frames: Counter<'outcome'>;
  readonly samples: Counter;
  readonly seriesDropped: Counter<'reason'>;
  readonly messagesRefused: Counter<'reason'>;
  readonly streamsRefused: Counter<'reason'>;
  readonly streams: Gauge;
  readonly lag: Gauge;
}

export function registerIngestMetrics(registry: Registry): IngestMetrics {
  const registers = [registry];
  return {
    frames: new Counter({
      name: 'plimsoll_ingest_frames_total',
      help: 'Frames received, by what became of them: accepted, duplicate, too_far_ahead, too_old or malformed.',
      labelNames: ['outcome'],
      registers,
    }),
    samples: new Counter({
      name: 'plimsoll_ingest_samples_total',
      help: 'Slots of accepted frames, one sample or marker each.',
      registers,
    }),
    seriesDropped: new Counter({
      name: 'plimsoll_ingest_series_dropped_total',
      help: 'Series that agents announced and the collector does not store, by the limit or rule they broke.',
      labelNames: ['reason'],
      registers,
    }),
    messagesRefused: new Counter({
      name: 'plimsoll_ingest_messages_refused_total',
      help: 'Messages that ended their stream, by reason.',
      labelNames: ['reason'],
      registers,
    }),
    streamsRefused: new Counter({
      name: 'plimsoll_ingest_streams_refused_total',
      help: 'Streams refused at their Hello, by reason.',
      labelNames: ['reason'],
      registers,
    }),
    streams: new Gauge({ name: 'plimsoll_ingest_streams', help: 'Agent streams open now.', registers }),
    lag: new Gauge({
      name: 'plimsoll_ingest_lag_seconds',
      help: 'Time between collection and durability of the newest live frame, by both clocks.',
      registers,
    }),
  };
}
