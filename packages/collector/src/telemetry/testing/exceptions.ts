import type { StoreException } from '../store-conformance.ts';

/** What engines do not do of the suite, by their column in the table of docs/storage/engines.md. */
export const EXCEPTIONS = {
  embedded: [],
  QuestDB: ['deletion'],
  VictoriaMetrics: ['histograms', 'emptyBuckets', 'startTimestamps', 'deletion'],
  Prometheus: ['emptyBuckets', 'startTimestamps', 'deletion'],
  'Prometheus, `st-storage`': ['emptyBuckets', 'deletion'],
  Mimir: ['emptyBuckets', 'startTimestamps', 'deletion'],
} as const satisfies Readonly<Record<string, readonly StoreException[]>>;
