/** Free doubles in [from, to) of the arena. */
interface Gap {
  from: number;
  to: number;
}

/**
 * Memory for the values of blocks, shared with the writer's thread, handed out and taken back by hand: neither thread's
 * collector sees what shared memory weighs, so that released blocks would pile up by the hundred megabytes before it
 * looks for them. One arena, of which only what was ever used takes room; the lowest place that fits is used first.
 */
export class BlockMemory {
  readonly #arena: SharedArrayBuffer;
  /** Ascending, never touching each other. */
  readonly #gaps: Gap[];

  constructor(bytes: number) {
    this.#arena = new SharedArrayBuffer(bytes);
    this.#gaps = [{ from: 0, to: bytes / Float64Array.BYTES_PER_ELEMENT }];
  }

  /** Room for so many doubles, with anything in it; of its own where the arena is full. */
  take(doubles: number): Float64Array<SharedArrayBuffer> {
    const at = this.#gaps.findIndex(({ from, to }) => to - from >= doubles);
    const gap = this.#gaps[at];
    if (gap === undefined) return new Float64Array(new SharedArrayBuffer(doubles * 8));
    const values = new Float64Array(this.#arena, gap.from * 8, doubles);
    gap.from += doubles;
    if (gap.from === gap.to) this.#gaps.splice(at, 1);
    return values;
  }

  /** Takes back what `take` gave; nobody may look at it any more. */
  give(values: Float64Array<SharedArrayBuffer>): void {
    if (values.buffer !== this.#arena || values.length === 0) return;
    const from = values.byteOffset / 8;
    const to = from + values.length;
    const after = this.#gaps.findIndex((gap) => gap.from >= to);
    const at = after === -1 ? this.#gaps.length : after;
    const before = this.#gaps[at - 1];
    const next = this.#gaps[at];
    const joinsBefore = before?.to === from;
    const joinsNext = next?.from === to;
    if (joinsBefore && joinsNext) {
      before.to = next.to;
      this.#gaps.splice(at, 1);
    } else if (joinsBefore) before.to = to;
    else if (joinsNext) next.from = from;
    else this.#gaps.splice(at, 0, { from, to });
  }
}
