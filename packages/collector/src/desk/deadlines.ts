import { nextAdvanceMs } from './incident/advance.ts';
import type { IncidentState } from './incident/state.ts';

/** When each incident next needs a look, so that a tick costs nothing while nothing is due. */
export class Deadlines {
  readonly #atMs = new Map<string, number>();
  #earliestMs = Infinity;

  update(incident: IncidentState, closeAfterMs: number): void {
    const nextMs = nextAdvanceMs(incident, closeAfterMs);
    if (nextMs === null) {
      this.#atMs.delete(incident.id);
      return;
    }
    this.#atMs.set(incident.id, nextMs);
    this.#earliestMs = Math.min(this.#earliestMs, nextMs);
  }

  /** Ids of incidents whose time has come. */
  due(nowMs: number): readonly string[] {
    if (nowMs < this.#earliestMs) return [];
    this.#earliestMs = Math.min(Infinity, ...this.#atMs.values().filter((atMs) => atMs > nowMs));
    const due = [...this.#atMs].filter(([, atMs]) => atMs <= nowMs).map(([id]) => id);
    // What is due stays due until its incident is updated.
    if (due.length > 0) this.#earliestMs = Math.min(this.#earliestMs, nowMs);
    return due;
  }
}
