import { useLocation } from 'preact-iso';
import { useId } from 'preact/hooks';
import { withQuery } from '../lib/url-state.ts';
import { Icon } from './icon.tsx';

/** Filters what the page shows; the text lives in the URL as `q`. */
export function SearchField({ label }: { readonly label: string }) {
  const { query, url, route } = useLocation();
  const id = useId();
  return (
    <div class="search" role="search">
      <label class="visually-hidden" for={id}>
        {label}
      </label>
      <Icon name="search" />
      <input
        id={id}
        type="search"
        data-search
        autocomplete="off"
        placeholder={label}
        value={query['q'] ?? ''}
        onInput={(event) => route(withQuery(url, { q: event.currentTarget.value }), true)}
      />
    </div>
  );
}
