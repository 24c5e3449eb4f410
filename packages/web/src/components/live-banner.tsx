import { liveState, staleSince } from '../api/live.ts';
import { now } from '../lib/clock.ts';
import { formatClock, formatRelative } from '../lib/time.ts';
import { Icon } from './icon.tsx';

/** Says that what is shown may be old; the moving part is kept from being read out every second. */
export function LiveBanner() {
  const since = staleSince.value;
  return (
    <div role="status">
      {since === null ? null : (
        <div class="live-banner">
          <Icon name="silent" />
          <strong>Reconnecting to the collector.</strong>
          <span>
            Data is old since {formatClock(since)}
            <span aria-hidden="true"> ({formatRelative(since, now.value)})</span>.
          </span>
        </div>
      )}
    </div>
  );
}

const words = { connecting: 'Connecting', live: 'Live', lost: 'Reconnecting' } as const;

export function LiveState() {
  const state = liveState.value;
  return (
    <span class="live-state">
      <Icon name={state === 'live' ? 'now' : 'silent'} />
      {words[state]}
    </span>
  );
}
