import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, getJson } from './client.ts';
import { onLive, type Topic } from './live.ts';

export interface ApiState<T> {
  /** The newest answer; kept while a later request fails, so that a page never empties itself. */
  readonly data: T | undefined;
  readonly error: ApiError | undefined;
  readonly fetchedAtMs: number | undefined;
  readonly retry: () => void;
}

/** Answers kept for going back to a page without a blank moment. The oldest go first. */
const maxCachedAnswers = 50;
const cache = new Map<string, { data: unknown; fetchedAtMs: number }>();

function remember(path: string, data: unknown, fetchedAtMs: number): void {
  cache.delete(path);
  cache.set(path, { data, fetchedAtMs });
  const oldest = cache.keys().next();
  if (cache.size > maxCachedAnswers && !oldest.done) cache.delete(oldest.value);
}

/** Several announcements within this time make one request. */
const coalesceMs = 150;
const retryMinMs = 2000;
const retryMaxMs = 30_000;

export interface UseApiOptions<T> {
  /** Announcements after which the answer is fetched again. */
  readonly topics?: readonly Topic[];
  /** For figures that flow without an announcement (samples): fetched again this often while the page is visible. */
  readonly everyMs?: number;
  readonly load?: (path: string, signal: AbortSignal) => Promise<T>;
}

interface Snapshot<T> {
  readonly path: string | null;
  readonly data: T | undefined;
  readonly error: ApiError | undefined;
  readonly fetchedAtMs: number | undefined;
}

function fromCache<T>(path: string | null): Snapshot<T> {
  const cached = path === null ? undefined : cache.get(path);
  return { path, data: cached?.data as T | undefined, error: undefined, fetchedAtMs: cached?.fetchedAtMs };
}

/** Keeps the answer of `path` up to date while the component lives; a null path fetches nothing. */
export function useApi<T>(path: string | null, options: UseApiOptions<T> = {}): ApiState<T> {
  const [snapshot, setSnapshot] = useState<Snapshot<T>>(() => fromCache<T>(path));
  const refetch = useRef<() => void>(() => {});
  const latest = useRef(options);
  latest.current = options;

  useEffect(() => {
    if (path === null) return undefined;
    setSnapshot((previous) => (previous.path === path ? previous : fromCache<T>(path)));
    const poller = keepFresh<T>(path, latest.current, setSnapshot);
    refetch.current = poller.now;
    return poller.stop;
  }, [path]);

  const current = snapshot.path === path ? snapshot : fromCache<T>(path);
  return { ...current, retry: () => refetch.current() };
}

type Update<T> = (next: (previous: Snapshot<T>) => Snapshot<T>) => void;

function keepFresh<T>(
  path: string,
  options: UseApiOptions<T>,
  update: Update<T>,
): { now: () => void; stop: () => void } {
  const controller = new AbortController();
  const load = options.load ?? ((url: string, signal: AbortSignal) => getJson<T>(url, signal));
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let running = false;
  let again = false;

  const schedule = (delayMs: number, then: () => void = () => void run()) => {
    clearTimeout(timer);
    timer = setTimeout(then, delayMs);
  };
  const whenVisible = () => {
    if (!document.hidden) void run();
    else
      document.addEventListener('visibilitychange', whenVisible, { once: true, signal: controller.signal });
  };

  const run = async () => {
    if (running) {
      again = true;
      return;
    }
    running = true;
    try {
      const data = await load(path, controller.signal);
      failures = 0;
      const fetchedAtMs = Date.now();
      remember(path, data, fetchedAtMs);
      update(() => ({ path, data, error: undefined, fetchedAtMs }));
      if (options.everyMs !== undefined) schedule(options.everyMs, whenVisible);
    } catch (cause) {
      if (controller.signal.aborted) return;
      const error = cause instanceof ApiError ? cause : new ApiError(0, 'unexpected', String(cause));
      update((previous) => ({ ...(previous.path === path ? previous : fromCache<T>(path)), error }));
      if (error.status === 0 || error.status >= 500) {
        schedule(Math.min(retryMaxMs, retryMinMs * 2 ** failures));
        failures += 1;
      }
    } finally {
      running = false;
      if (again && !controller.signal.aborted) {
        again = false;
        schedule(0);
      }
    }
  };

  const stopListening = onLive((topic) => {
    if (options.topics?.includes(topic)) schedule(coalesceMs);
  });
  void run();
  return {
    now: () => schedule(0),
    stop: () => {
      controller.abort();
      clearTimeout(timer);
      stopListening();
    },
  };
}
