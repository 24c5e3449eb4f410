import type { Labels } from '@plimsoll/promql';
import type { QueryEngine } from '../prometheus/query-engine.ts';

/** The newest figures of one host. */
export interface HostFigures {
  cpuUtilisation: number | null;
  memoryUtilisation: number | null;
  fullestFilesystem: { mountpoint: string; utilisation: number } | null;
}

/** How long a round of queries may take, milliseconds; the page shows unknown figures rather than wait. */
const QUERY_TIMEOUT_MS = 5_000;

/** Expressions over the series of some hosts; `of` is a list of matchers, each ending in a comma. */
const EXPRESSIONS = {
  /** As a share of all time counted: right also while there are less than five minutes of samples. */
  cpu(of: string) {
    const total = (modes: string) => `sum by (instance) (rate(node_cpu_seconds_total{${of}${modes}}[5m]))`;
    return `1 - ${total('mode="idle"')} / ${total('')}`;
  },
  memory: (of: string) => `1 - node_memory_MemAvailable_bytes{${of}} / node_memory_MemTotal_bytes{${of}}`,
  /** df's arithmetic: used over used plus what unprivileged users may still take. */
  filesystems(of: string) {
    const used = `(node_filesystem_size_bytes{${of}} - node_filesystem_free_bytes{${of}})`;
    return `${used} / (${used} + node_filesystem_avail_bytes{${of}})`;
  },
};

/** Figures of one host, or of every host, by instance: from the same series and language everything else uses. */
export async function hostFigures(
  queries: Pick<QueryEngine, 'query'>,
  nowMs: number,
  instance?: string,
): Promise<ReadonlyMap<string, HostFigures>> {
  const signal = AbortSignal.timeout(QUERY_TIMEOUT_MS);
  const ask = async (text: string): Promise<readonly { labels: Labels; value: number }[]> => {
    const { value } = await queries.query({
      text,
      startMs: nowMs,
      endMs: nowMs,
      stepMs: 0,
      lookbackMs: null,
      timeoutMs: QUERY_TIMEOUT_MS,
      signal,
    });
    if (value.type !== 'vector') return [];
    return value.labels.map((labels, index) => ({ labels, value: value.values[index] ?? Number.NaN }));
  };
  const of = instance === undefined ? '' : `instance=${JSON.stringify(instance)},`;
  const [cpu, memory, filesystems] = await Promise.all([
    ask(EXPRESSIONS.cpu(of)),
    ask(EXPRESSIONS.memory(of)),
    ask(EXPRESSIONS.filesystems(of)),
  ]);
  const figures = new Map<string, HostFigures>();
  for (const { labels, value } of cpu)
    figuresOf(figures, labels.get('instance')).cpuUtilisation = known(value);
  for (const { labels, value } of memory) {
    figuresOf(figures, labels.get('instance')).memoryUtilisation = known(value);
  }
  for (const { labels, value } of filesystems) {
    const host = figuresOf(figures, labels.get('instance'));
    if (known(value) === null || value <= (host.fullestFilesystem?.utilisation ?? -1)) continue;
    host.fullestFilesystem = { mountpoint: labels.get('mountpoint'), utilisation: value };
  }
  return figures;
}

function figuresOf(figures: Map<string, HostFigures>, instance: string): HostFigures {
  const found = figures.get(instance);
  if (found !== undefined) return found;
  const fresh = { cpuUtilisation: null, memoryUtilisation: null, fullestFilesystem: null };
  figures.set(instance, fresh);
  return fresh;
}

/** JSON has no NaN; a rate over one sample, or 0/0 of an empty filesystem, is unknown. */
function known(value: number): number | null {
  return Number.isFinite(value) ? Math.max(0, value) : null;
}
