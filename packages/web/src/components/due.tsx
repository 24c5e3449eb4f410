import type { Incident } from '../api/types.ts';
import { now } from '../lib/clock.ts';
import { formatCountdown } from '../lib/duration.ts';
import { noValue } from '../lib/format.ts';
import { nextDue, secondsLeft } from '../lib/incidents.ts';
import { formatInstant, instantOf } from '../lib/time.ts';
import { clockLooks, lookOf } from '../lib/tones.ts';
import { Badge } from './badge.tsx';

/** What is due next on an incident, in one table cell. */
export function Due({ incident }: { readonly incident: Incident }) {
  const next = nextDue(incident);
  const left = secondsLeft(next?.clock, now.value);
  if (!next || left === null) return <span class="soft">{noValue}</span>;
  const dueMs = instantOf(next.clock.dueAt);
  const kind = next.kind === 'response' ? 'Response' : 'Resolution';
  const state = left < 0 ? 'breached' : next.clock.state;
  return (
    <span class="row" title={dueMs === null ? undefined : `${kind} due ${formatInstant(dueMs)}`}>
      <span class="nowrap">
        {kind} {formatCountdown(left)}
      </span>
      {state === 'running' ? null : <Badge look={lookOf(clockLooks, state)} />}
    </span>
  );
}
