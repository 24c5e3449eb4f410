import type { ArrivedFrame } from '../../hosts/host-registry.ts';

/** Hosts remembered: beyond it the oldest is forgotten, and its next frame counts as changed. */
const MAX_HOSTS = 100_000;

/**
 * Remembers the values of a frame that rules with queries read. Where none of a rule's inputs has changed since the
 * host's last frame, its next tick is soon enough: counters of rare events stay still for months.
 */
export class ChangedInputs {
  readonly #last = new Map<string, { readonly refs: Uint32Array; readonly values: Float64Array }>();

  /** Takes the frame in, and answers whether any of these slots changed since the frame before. */
  take({ instance, refs, values }: ArrivedFrame): (slots: readonly number[]) => boolean {
    const before = this.#last.get(instance);
    this.#last.delete(instance);
    this.#last.set(instance, { refs, values });
    if (this.#last.size > MAX_HOSTS) this.#last.delete(this.#last.keys().next().value ?? '');
    if (before === undefined || before.refs !== refs) return () => true;
    return (slots) => slots.some((slot) => !Object.is(values[slot], before.values[slot]));
  }
}
