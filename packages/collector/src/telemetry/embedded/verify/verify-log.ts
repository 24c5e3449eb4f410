import { checkFileHeader, FILE_HEADER_BYTES } from '../framing.ts';
import { LOG_FILE_KIND, LOG_VERSION, type LogVisitor, readLogRecords } from '../log/log-records.ts';
import { hasKnownHeader } from '../../../page-sums/known-header.ts';
import { type Fault, someOf, spanText } from './fault.ts';
import { walkFrames } from './walk-frames.ts';

/** Checks one segment of the log: every group of it by its checksum. */
export function verifyLog(file: string, bytes: Uint8Array): Fault[] {
  // Its making was cut short.
  if (bytes.length < FILE_HEADER_BYTES) return [];
  const problem = checkFileHeader(bytes, LOG_FILE_KIND, LOG_VERSION);
  if (problem === 'newer')
    return [{ file, what: 'was written by a newer version of plimsoll', affected: null }];
  const { frames, strayBytes } = walkFrames(bytes);
  const content = new SegmentContent();
  let damagedAt = hasKnownHeader(bytes, LOG_FILE_KIND, LOG_VERSION) ? null : 0;
  for (const { offset, payload, isIntact } of frames) {
    if (!isIntact) damagedAt ??= offset;
    else content.take(payload, damagedAt !== null);
  }
  if (damagedAt === null && strayBytes === 0) return [];
  if (damagedAt === null) {
    const what = `its last ${strayBytes} bytes are no whole group: its length is damaged`;
    return [{ file, what, affected: content.after() }];
  }
  const what = `is damaged at byte ${damagedAt}: this and what follows in the segment would not be read back`;
  return [{ file, what, affected: content.after() }];
}

/** Who wrote what into a segment, before a damage and behind it. */
class SegmentContent implements LogVisitor {
  readonly #sets = new Map<number, string>();
  readonly #agents = new Set<string>();
  #lastBeforeMs = -Infinity;
  #newestMs = -Infinity;
  #isBehind = false;
  #hasSamples = false;

  take(payload: Uint8Array, isBehind: boolean): void {
    this.#isBehind = isBehind;
    readLogRecords(payload, this);
  }

  /** What is lost with everything behind the damage. */
  after(): string {
    const who = this.#agents.size === 0 ? 'agents' : `agents ${someOf(this.#agents)}`;
    const others = this.#hasSamples ? ', results of rules and written samples' : '';
    if (this.#lastBeforeMs === -Infinity) return `frames of ${who}${others}, unless they are sealed`;
    const until = Math.max(this.#newestMs, this.#lastBeforeMs);
    return `frames of ${who}${others}, ${spanText(this.#lastBeforeMs, until)}, unless they are sealed`;
  }

  knows(): boolean {
    return false;
  }
  series(): void {
    // Which labels a number has says the index.
  }
  metadata(): void {
    // Help for people, which the index has too.
  }
  set(setId: number, agentId: string): void {
    this.#sets.set(setId, agentId);
  }
  frame(setId: number, { timestampMs }: { readonly timestampMs: number }): void {
    this.#agents.add(this.#sets.get(setId) ?? 'unknown');
    this.#seen(timestampMs);
  }
  samples({ timestampsMs }: { readonly timestampsMs: Float64Array }): void {
    this.#hasSamples = true;
    for (const at of timestampsMs) this.#seen(at);
  }

  #seen(timestampMs: number): void {
    if (!this.#isBehind) this.#lastBeforeMs = Math.max(this.#lastBeforeMs, timestampMs);
    this.#newestMs = Math.max(this.#newestMs, timestampMs);
  }
}
