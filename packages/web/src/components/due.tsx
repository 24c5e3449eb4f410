import type { Incident } from '../api/types.ts';
import { now } from '../lib/clock.ts';
import { formatCountdown } from '../lib/duration.ts';
import { noValue } from '../lib/format.ts';
import { nextDue, secondsLeft } from '../lib/incidents.ts';
import { formatInstant, instantOf } from '../lib/time.ts';
import { Icon } from './icon.tsx';

/** What is due next on an incident, in one table cell. */
export function Due({ incident }: { readonly incident: Incident }) {
  const next = nextDue(incident);
  const left = secondsLeft(next?.clock, now.value);
  if (!next || left === null) return <span class="soft">{noValue}</span>;
  const dueMs = instantOf(next.clock.dueAt);
  const late = left < 0;
  const state = late ? 'over' : next.clock.state === 'paused' ? 'left, paused' : 'left';
  return (
    <span title={dueMs === null ? undefined : `Due ${formatInstant(dueMs)}`}>
      <span class={late ? 'due late' : 'due'}>
        {late ? <Icon name="alarm" /> : null}
        {formatCountdown(Math.abs(left))}
      </span>
      <span class="under">
        {next.kind} {state}
      </span>
    </span>
  );
}
