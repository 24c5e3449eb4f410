import { randomUUID } from 'node:crypto';
import { PlimsollError } from '../errors.ts';
import { MAX_SILENCE_CHARACTERS, MAX_SILENCES, SILENCE_RETENTION_MS } from './limits.ts';
import { labelPredicate, matchersFault, type Silence, silenceState, toMatcher } from './silence.ts';
import { SilenceTable } from './silence-table.ts';

/** What a person asks for; with an id, a change of that silence. */
export type SilenceRequest = Omit<Silence, 'id' | 'updatedAtMs'> & { readonly id: string | null };

interface Kept {
  readonly silence: Silence;
  readonly covers: (labels: Readonly<Record<string, string>>) => boolean;
}

/**
 * Silences, durable in a database of their own. They withhold notifications and nothing else: incidents open and their
 * clocks run as ever.
 */
export class Silences implements Disposable {
  readonly #table: SilenceTable;
  readonly #silences = new Map<string, Kept>();

  constructor(path: string) {
    this.#table = new SilenceTable(path);
    for (const silence of this.#table.read()) this.#keep(silence);
  }

  list(): readonly Silence[] {
    return Array.from(this.#silences.values(), ({ silence }) => silence);
  }

  get(id: string): Silence | undefined {
    return this.#silences.get(id)?.silence;
  }

  /** The active silences that cover an alert's labels. */
  covering(labels: Readonly<Record<string, string>>, nowMs: number): readonly Silence[] {
    return [...this.#silences.values()]
      .filter(({ silence, covers }) => silenceState(silence, nowMs) === 'active' && covers(labels))
      .map(({ silence }) => silence);
  }

  /**
   * Makes a silence, or changes one. A change of what it covers ends it and makes another, so that the list tells what
   * was silenced when. Throws `invalid_argument`, `not_found`, `resource_exhausted`.
   */
  set(request: SilenceRequest, nowMs: number): Silence {
    const fault = matchersFault(request.matchers);
    if (fault !== undefined) throw new PlimsollError('invalid_argument', `silence invalid: ${fault}`);
    const previous = request.id === null ? undefined : this.get(request.id);
    if (request.id !== null && previous === undefined) {
      throw new PlimsollError('not_found', 'silence not found');
    }
    if (previous !== undefined && canChange(previous, request, nowMs)) {
      return this.#write({ ...request, id: previous.id, updatedAtMs: nowMs });
    }
    if (this.#silences.size >= MAX_SILENCES) {
      throw new PlimsollError(
        'resource_exhausted',
        `silence invalid: there are ${MAX_SILENCES} silences; expired ones go after five days`,
      );
    }
    if (previous !== undefined) this.expire(previous.id, nowMs);
    const startsAtMs = Math.max(request.startsAtMs, nowMs);
    return this.#write({ ...request, id: randomUUID(), startsAtMs, updatedAtMs: nowMs });
  }

  /** Ends a silence now; false when there is none of this id. */
  expire(id: string, nowMs: number): boolean {
    const silence = this.get(id);
    if (silence === undefined) return false;
    const state = silenceState(silence, nowMs);
    if (state === 'active') this.#write({ ...silence, endsAtMs: nowMs, updatedAtMs: nowMs });
    if (state === 'pending') {
      this.#write({ ...silence, startsAtMs: nowMs, endsAtMs: nowMs, updatedAtMs: nowMs });
    }
    return true;
  }

  /** Forgets what expired long ago. */
  tick(nowMs: number): void {
    for (const { silence } of this.#silences.values()) {
      if (nowMs - silence.endsAtMs <= SILENCE_RETENTION_MS) continue;
      this.#table.remove(silence.id);
      this.#silences.delete(silence.id);
    }
  }

  [Symbol.dispose](): void {
    this.#table[Symbol.dispose]();
  }

  #write(silence: Silence): Silence {
    if (JSON.stringify(silence).length > MAX_SILENCE_CHARACTERS) {
      throw new PlimsollError(
        'invalid_argument',
        `silence invalid: it is longer than ${MAX_SILENCE_CHARACTERS} characters`,
      );
    }
    this.#table.write(silence);
    this.#keep(silence);
    return silence;
  }

  #keep(silence: Silence): void {
    const covers = labelPredicate(silence.matchers.map(toMatcher));
    this.#silences.set(silence.id, { silence, covers });
  }
}

/** What has begun keeps its start, what is over stays over, and what it covers never changes. */
function canChange(previous: Silence, request: SilenceRequest, nowMs: number): boolean {
  if (JSON.stringify(previous.matchers) !== JSON.stringify(request.matchers)) return false;
  const state = silenceState(previous, nowMs);
  if (state === 'active') return request.startsAtMs === previous.startsAtMs && request.endsAtMs >= nowMs;
  return state === 'pending' && request.startsAtMs >= nowMs;
}
