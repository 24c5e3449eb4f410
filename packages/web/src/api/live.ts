import { signal } from '@preact/signals';
import { apiBase } from './client.ts';

const topics = ['incident', 'problem', 'host', 'capacity', 'status'] as const;
export type Topic = (typeof topics)[number];

export type LiveState = 'connecting' | 'live' | 'lost';

/** The state of the one event stream, and since when what is shown may be old (milliseconds, null while live). */
export const liveState = signal<LiveState>('connecting');
export const staleSince = signal<number | null>(null);

type Listener = (topic: Topic, id: string | null) => void;
const listeners = new Set<Listener>();

/** Calls back for each change the collector announces, and once for every topic after a lost stream came back. */
export function onLive(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Tells this page's own readers about a write it has just made, without waiting for the stream. */
export function announce(topic: Topic, id: string | null = null): void {
  for (const listener of listeners) listener(topic, id);
}

/** Opened again by the browser after an ordinary loss; by us when the browser gave up (an answer that was no stream). */
const reopenAfterMs = 3000;

/** Opens the stream; the returned function closes it. */
export function connectLive(): () => void {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const open = () => {
    source = new EventSource(`${apiBase}/events`);
    source.addEventListener('open', () => {
      const wasLost = liveState.value === 'lost';
      liveState.value = 'live';
      staleSince.value = null;
      if (wasLost) for (const topic of topics) announce(topic);
    });
    source.addEventListener('error', () => {
      if (liveState.value !== 'lost') staleSince.value = Date.now();
      liveState.value = 'lost';
      if (source?.readyState === EventSource.CLOSED) timer = setTimeout(open, reopenAfterMs);
    });
    for (const topic of topics) {
      source.addEventListener(topic, (event) => announce(topic, idOf(event)));
    }
  };

  open();
  return () => {
    clearTimeout(timer);
    source?.close();
  };
}

function idOf(event: MessageEvent<string>): string | null {
  try {
    const data = JSON.parse(event.data) as { id?: unknown };
    return typeof data.id === 'string' ? data.id : null;
  } catch {
    return null;
  }
}
