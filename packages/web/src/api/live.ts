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

/**
 * Keeps the stream open while the page is visible; the returned function closes it. A hidden page gives its connection
 * back: over HTTP/1.1 a browser has six for one server, and each forgotten tab would hold one.
 */
export function connectLive(): () => void {
  const stopped = new AbortController();
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** Whether changes may have been missed since the stream was last open. */
  let missed = false;

  const close = () => {
    clearTimeout(timer);
    source?.close();
    source = undefined;
  };
  const open = () => {
    close();
    const opened = new EventSource(`${apiBase}/events`);
    source = opened;
    opened.addEventListener('open', () => {
      liveState.value = 'live';
      staleSince.value = null;
      if (missed) for (const topic of topics) announce(topic);
      missed = false;
    });
    opened.addEventListener('error', () => {
      missed = true;
      if (liveState.value !== 'lost') staleSince.value = Date.now();
      liveState.value = 'lost';
      if (opened.readyState === EventSource.CLOSED) timer = setTimeout(open, reopenAfterMs);
    });
    for (const topic of topics) {
      opened.addEventListener(topic, (event) => announce(topic, idOf(event)));
    }
  };
  const onVisibility = () => {
    if (!document.hidden) open();
    else {
      missed = true;
      close();
    }
  };

  document.addEventListener('visibilitychange', onVisibility, { signal: stopped.signal });
  open();
  return () => {
    stopped.abort();
    close();
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
