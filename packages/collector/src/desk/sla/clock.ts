import { addWorkingTime, workingTimeBetween } from '../../catalogue/business-time.ts';
import type { Calendar } from '../../catalogue/catalogue.ts';
import type { ClockState } from '../json/incident.ts';

/** Shares of the target, in percent, at which a clock warns; each once in the clock's life. */
const WARNING_PERCENTS = [50, 75, 90] as const;

interface Pause {
  readonly fromMs: number;
  readonly toMs: number | null;
}

/** One SLA clock as recorded: plain data, changed only by the functions below. */
export interface Clock {
  readonly targetMs: number;
  readonly startedAtMs: number;
  readonly state: ClockState;
  /** Kept as instants, so that a priority with another calendar counts them in its own working time. */
  readonly pauses: readonly Pause[];
  /** Null while paused. Once breached it stays what it was. */
  readonly dueAtMs: number | null;
  /** Working time left when it was paused or stopped; null while it runs. */
  readonly remainingMs: number | null;
  readonly stoppedAtMs: number | null;
  /** Percentages told. */
  readonly warned: readonly number[];
}

export function startClock(calendar: Calendar, targetMs: number, startedAtMs: number): Clock {
  return {
    targetMs,
    startedAtMs,
    state: 'running',
    pauses: [],
    dueAtMs: addWorkingTime(calendar, startedAtMs, targetMs),
    remainingMs: null,
    stoppedAtMs: null,
    warned: [],
  };
}

/** Working time left at an instant, negative when overdue. */
export function remainingAt(clock: Clock, calendar: Calendar, nowMs: number): number {
  if (clock.remainingMs !== null) return clock.remainingMs;
  const dueAtMs = clock.dueAtMs ?? nowMs;
  return nowMs <= dueAtMs
    ? workingTimeBetween(calendar, nowMs, dueAtMs)
    : -workingTimeBetween(calendar, dueAtMs, nowMs);
}

/** A breached clock keeps running: its overdue time grows through holds as well. */
export function pauseClock(clock: Clock, calendar: Calendar, atMs: number): Clock {
  if (clock.state !== 'running') return clock;
  return {
    ...clock,
    state: 'paused',
    pauses: [...clock.pauses, { fromMs: atMs, toMs: null }],
    remainingMs: remainingAt(clock, calendar, atMs),
    dueAtMs: null,
  };
}

/** The due time moves by the working time paused. */
export function resumeClock(clock: Clock, calendar: Calendar, atMs: number): Clock {
  if (clock.state !== 'paused') return clock;
  return running({ ...clock, pauses: endPause(clock.pauses, atMs) }, calendar);
}

/** Completes the clock: met, unless it was breached before. */
export function stopClock(clock: Clock, calendar: Calendar, atMs: number): Clock {
  return end(clock, calendar, atMs, 'met');
}

/** Ends a clock that no longer applies; a breached one stays breached. */
export function cancelClock(clock: Clock, calendar: Calendar, atMs: number): Clock {
  return end(clock, calendar, atMs, 'canceled');
}

/** Goes on after a reopening: the time since it stopped counts as a pause. */
export function restartClock(clock: Clock, calendar: Calendar, atMs: number): Clock {
  if (clock.stoppedAtMs === null) return clock;
  const restarted = { ...clock, remainingMs: null, stoppedAtMs: null };
  if (clock.state === 'breached') return restarted;
  return running(
    { ...restarted, pauses: [...clock.pauses, { fromMs: clock.stoppedAtMs, toMs: atMs }] },
    calendar,
  );
}

/**
 * Another priority's target and calendar, counted from the same start with the pauses already taken. A breached clock
 * whose new due time has passed as well stays breached: that is not told twice. A paused one whose new due time had
 * passed before goes on, as overdue clocks do through a hold, so that its breach is told.
 */
export function retargetClock(clock: Clock, calendar: Calendar, targetMs: number, atMs: number): Clock {
  if (clock.stoppedAtMs !== null) return clock;
  const paused = clock.state === 'paused';
  const base = { ...clock, targetMs, pauses: endPause(clock.pauses, atMs) };
  const moved = running(base, calendar);
  const overdue = (moved.dueAtMs ?? atMs) < atMs;
  if (clock.state === 'breached' && overdue) return { ...moved, state: 'breached' };
  if (!paused || overdue) return moved;
  return {
    ...moved,
    state: 'paused',
    pauses: clock.pauses,
    remainingMs: remainingAt(moved, calendar, atMs),
    dueAtMs: null,
  };
}

/** The next instant at which the clock has something to tell: a percentage, 100 for the breach. */
export function nextThreshold(clock: Clock, calendar: Calendar): { atMs: number; percent: number } | null {
  if (clock.state !== 'running' || clock.dueAtMs === null) return null;
  const percent = WARNING_PERCENTS.find((share) => !clock.warned.includes(share));
  if (percent === undefined) return { atMs: clock.dueAtMs, percent: 100 };
  const workMs = (clock.targetMs * percent) / 100 + pausedMs(clock, calendar);
  return { atMs: addWorkingTime(calendar, clock.startedAtMs, workMs), percent };
}

/** Marks a percentage as told, and those below it, which one warning covers. */
export function warnClock(clock: Clock, percent: number): Clock {
  return { ...clock, warned: WARNING_PERCENTS.filter((share) => share <= percent) };
}

export function breachClock(clock: Clock): Clock {
  return { ...clock, state: 'breached', warned: [...WARNING_PERCENTS] };
}

function running(clock: Clock, calendar: Calendar): Clock {
  return {
    ...clock,
    state: 'running',
    remainingMs: null,
    stoppedAtMs: null,
    dueAtMs: addWorkingTime(calendar, clock.startedAtMs, clock.targetMs + pausedMs(clock, calendar)),
  };
}

function end(clock: Clock, calendar: Calendar, atMs: number, state: 'met' | 'canceled'): Clock {
  if (clock.stoppedAtMs !== null) return clock;
  const resumed = resumeClock(clock, calendar, atMs);
  return {
    ...resumed,
    state: clock.state === 'breached' ? 'breached' : state,
    remainingMs: remainingAt(resumed, calendar, atMs),
    stoppedAtMs: atMs,
  };
}

function endPause(pauses: readonly Pause[], atMs: number): readonly Pause[] {
  return pauses.map((pause) => (pause.toMs === null ? { ...pause, toMs: atMs } : pause));
}

function pausedMs(clock: Clock, calendar: Calendar): number {
  return clock.pauses.reduce(
    (sum, { fromMs, toMs }) => sum + (toMs === null ? 0 : workingTimeBetween(calendar, fromMs, toMs)),
    0,
  );
}
