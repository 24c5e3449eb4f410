import { now } from '../lib/clock.ts';
import { formatInstant, formatRelative, instantOf } from '../lib/time.ts';
import { noValue } from '../lib/format.ts';

interface InstantProps {
  /** RFC 3339 or null. */
  readonly at: string | null | undefined;
  /** Shows the instant itself; otherwise how long ago it was, with the instant as title. */
  readonly absolute?: boolean;
}

export function Instant({ at, absolute = false }: InstantProps) {
  const ms = instantOf(at);
  if (ms === null) return <span class="soft">{noValue}</span>;
  const full = formatInstant(ms);
  return (
    <time dateTime={at ?? ''} title={full} class="nowrap">
      {absolute ? full : formatRelative(ms, now.value)}
    </time>
  );
}
