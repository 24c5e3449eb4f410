import type { SlaClock } from '../api/types.ts';
import { now } from '../lib/clock.ts';
import { formatCountdown, formatDuration } from '../lib/duration.ts';
import { secondsLeft, shareUsed } from '../lib/incidents.ts';
import { formatInstant, instantOf } from '../lib/time.ts';
import { clockLooks, lookOf } from '../lib/tones.ts';
import { Badge } from './badge.tsx';

interface ClockRowProps {
  readonly name: string;
  readonly clock: SlaClock;
}

/** One SLA clock, counting down while it runs. */
export function ClockRow({ name, clock }: ClockRowProps) {
  if (clock.state === null) {
    return (
      <div class="clock">
        <div class="top">
          <h3>{name}</h3>
          <span class="soft">no target agreed</span>
        </div>
      </div>
    );
  }
  const left = secondsLeft(clock, now.value);
  const dueMs = instantOf(clock.dueAt);
  const late = left !== null && left < 0;
  const used = shareUsed(clock, now.value);
  return (
    <div class="clock">
      <div class="top">
        <h3>{name}</h3>
        <Badge look={lookOf(clockLooks, clock.state)} />
      </div>
      {left !== null ? (
        <p class={late ? 'left late' : 'left'}>
          {formatCountdown(Math.abs(left))} <span class="small soft">{late ? 'over' : 'left'}</span>
        </p>
      ) : null}
      {used !== null ? (
        <div class={late ? 'run late' : 'run'} aria-hidden="true" style={{ '--share': used }}>
          <span />
        </div>
      ) : null}
      <p class="small soft">
        {clock.target === null ? 'No target' : `Target ${formatDuration(clock.target)}`}
        {dueMs !== null && clock.state !== 'paused' ? `, due ${formatInstant(dueMs)}` : ''}
        {clock.state === 'paused' ? ', stands still while on hold' : ''}
      </p>
    </div>
  );
}
