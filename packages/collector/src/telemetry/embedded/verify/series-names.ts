import type { Labels } from '@plimsoll/promql';
import type { SeriesRef } from '../../store.ts';
import { someOf } from './fault.ts';

const MAX_NAMED = 3;

/** Labels by number, to say in words which series something is about. */
export class SeriesNames {
  readonly #labels = new Map<SeriesRef, Labels>();

  add(ref: SeriesRef, labels: Labels): void {
    if (!this.#labels.has(ref)) this.#labels.set(ref, labels);
  }

  get size(): number {
    return this.#labels.size;
  }

  describe(refs: Iterable<SeriesRef>): string {
    const all = [...new Set(refs)];
    const known = all.flatMap((ref) => this.#labels.get(ref) ?? []);
    const count = `${all.length} series`;
    if (known.length === 0) return count;
    const instances = known.flatMap((labels) => labels.get('instance') || []);
    const of = instances.length === 0 ? '' : ` of ${someOf(instances)}`;
    return `${count}${of} (${known.slice(0, MAX_NAMED).map(String).join(', ')}${known.length > MAX_NAMED ? ', ...' : ''})`;
  }
}
