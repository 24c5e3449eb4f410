import { useLocation } from 'preact-iso';
import { formatInstant } from '../lib/time.ts';
import { rangeNames, rangeQuery, type TimeRange } from '../lib/time-range.ts';
import { withQuery } from '../lib/url-state.ts';

/** Links, so that each range can be opened in another tab and sent to a colleague. */
export function RangePicker({ range }: { readonly range: TimeRange }) {
  const { url } = useLocation();
  return (
    <div class="row">
      {range.kind === 'fixed' ? (
        <span class="small soft">
          {formatInstant(range.fromS * 1000)} – {formatInstant(range.toS * 1000)}
        </span>
      ) : null}
      <nav class="segmented" aria-label="Time range">
        {rangeNames.map((name) => (
          <a
            key={name}
            href={withQuery(url, rangeQuery({ kind: 'last', name }))}
            aria-current={range.kind === 'last' && range.name === name ? 'true' : undefined}
          >
            {name}
          </a>
        ))}
      </nav>
    </div>
  );
}
