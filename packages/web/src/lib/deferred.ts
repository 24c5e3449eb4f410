import { signal } from '@preact/signals';

/** Long enough to read one line and press a key. */
export const undoWindowMs = 5000;

export interface DeferredAction {
  readonly key: string;
  readonly label: string;
}

/** `leaving` is true when the page is going away and the request has to outlive it. */
type Commit = (leaving: boolean) => Promise<void>;

interface Entry extends DeferredAction {
  readonly commit: Commit;
  readonly timer: ReturnType<typeof setTimeout>;
}

const entries = new Map<string, Entry>();

/** Actions that were asked for and are not sent yet. */
export const deferred = signal<readonly DeferredAction[]>([]);

function publish(): void {
  deferred.value = [...entries.values()].map(({ key, label }) => ({ key, label }));
}

/**
 * Holds an action back for the undo window and then sends it. The journal has no "unacknowledge", so an undo that came
 * after sending would be a lie; this one leaves no trace because nothing was sent.
 */
export function defer(key: string, label: string, commit: Commit): void {
  if (entries.has(key)) return;
  const timer = setTimeout(() => void settle(key, false), undoWindowMs);
  entries.set(key, { key, label, commit, timer });
  publish();
}

/** Takes back a deferred action; false when it was already sent. */
export function undo(key: string): boolean {
  const entry = entries.get(key);
  if (!entry) return false;
  clearTimeout(entry.timer);
  entries.delete(key);
  publish();
  return true;
}

/** Takes back the newest deferred action. */
export function undoNewest(): boolean {
  const newest = [...entries.keys()].at(-1);
  return newest !== undefined && undo(newest);
}

/** Sends everything at once; called when the page is left, so that no asked-for action is lost. */
export async function flushDeferred(): Promise<void> {
  await Promise.all([...entries.keys()].map((key) => settle(key, true)));
}

async function settle(key: string, leaving: boolean): Promise<void> {
  const entry = entries.get(key);
  if (!entry) return;
  clearTimeout(entry.timer);
  entries.delete(key);
  publish();
  await entry.commit(leaving);
}

export function isDeferred(key: string): boolean {
  return deferred.value.some((action) => action.key === key);
}
