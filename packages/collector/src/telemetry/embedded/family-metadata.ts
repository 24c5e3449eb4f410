import { MAX_METADATA_FAMILIES } from '../../limits.ts';
import type { MetricMetadata } from '../store.ts';
import type { IndexBacklog } from './index/index-backlog.ts';
import type { AppendLog } from './log/append-log.ts';

/** What is known of families of metrics; what changes goes to the log, and from there to the index. */
export class FamilyMetadata {
  readonly #families: Map<string, MetricMetadata>;
  readonly #log: AppendLog;
  readonly #backlog: IndexBacklog;

  constructor(families: Map<string, MetricMetadata>, log: AppendLog, backlog: IndexBacklog) {
    this.#families = families;
    this.#log = log;
    this.#backlog = backlog;
  }

  set(families: readonly MetricMetadata[]): void {
    for (const family of families) {
      const known = this.#families.get(family.family);
      if (sameMetadata(known, family)) continue;
      // What describes series is help for people: past any real number of families it is left out, the series are not.
      if (known === undefined && this.#families.size >= MAX_METADATA_FAMILIES) continue;
      this.#families.set(family.family, family);
      this.#log.define([], [family]);
      this.#backlog.addMetadata(family);
    }
  }

  find(family?: string): readonly MetricMetadata[] {
    if (family === undefined) return [...this.#families.values()];
    const one = this.#families.get(family);
    return one === undefined ? [] : [one];
  }
}

function sameMetadata(a: MetricMetadata | undefined, b: MetricMetadata): boolean {
  return a !== undefined && a.type === b.type && a.help === b.help && a.unit === b.unit;
}
