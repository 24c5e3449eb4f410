import type { ComponentChildren } from 'preact';
import type { Page } from '../api/types.ts';
import type { ApiState } from '../api/use-api.ts';
import { formatNumber, sentence } from '../lib/format.ts';
import { formatClock } from '../lib/time.ts';
import { Icon } from './icon.tsx';

interface LoadedProps<T> {
  readonly state: ApiState<T>;
  /** What is being fetched, in words: "the hosts". */
  readonly what: string;
  readonly children: (data: T) => ComponentChildren;
}

/** Shows an answer, its absence or its failure; a failure after a success keeps the old answer and says how old it is. */
export function Loaded<T>({ state, what, children }: LoadedProps<T>) {
  const { data, error, fetchedAtMs, retry } = state;
  if (data === undefined) {
    return error ? (
      <div class="trouble" role="alert">
        <strong>
          <Icon name="warn" /> Could not fetch {what}
        </strong>
        <p>{sentence(error.message)}</p>
        <button type="button" class="button" onClick={retry}>
          Try again
        </button>
      </div>
    ) : (
      <p class="loading">Fetching {what} …</p>
    );
  }
  return (
    <>
      {error ? (
        <div class="trouble inline" role="alert">
          <span>
            {sentence(error.message)} Shown is what was known at {formatClock(fetchedAtMs ?? 0)}.{' '}
            <button type="button" class="button quiet" onClick={retry}>
              Try again
            </button>
          </span>
        </div>
      ) : null}
      {children(data)}
    </>
  );
}

interface EmptyProps {
  readonly title: string;
  readonly children: ComponentChildren;
}

/** What it means that nothing is here, and what would change that. */
export function Empty({ title, children }: EmptyProps) {
  return (
    <div class="empty">
      <h3>{title}</h3>
      {children}
    </div>
  );
}

/** Says that a list goes on behind what is shown. */
export function MoreNote({ page }: { readonly page: Page<unknown> }) {
  if (page.nextCursor === null) return null;
  return (
    <p class="loading">Only the first {formatNumber(page.items.length)} are shown; the API has the rest.</p>
  );
}
