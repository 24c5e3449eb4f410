import { decideAcknowledge } from './acknowledge.ts';
import { decideAdvance } from './advance.ts';
import { decideAssign } from './assign.ts';
import { decideBreach } from './breach.ts';
import { decideCancel } from './cancel.ts';
import { dueClockEvents } from './clocks.ts';
import { decideClose } from './close.ts';
import type { IncidentAsk } from './command.ts';
import { incidentEvent } from './event.ts';
import type { IncidentEvent } from './event.ts';
import { foldIncident } from './fold.ts';
import { decideHold } from './hold.ts';
import { decideNote } from './note.ts';
import { decideOpen } from './open.ts';
import { decideReclassify } from './reclassify.ts';
import { decideRecover } from './recover.ts';
import { decideReopen } from './reopen.ts';
import { decideReprioritise } from './reprioritise.ts';
import { decideResolve } from './resolve.ts';
import { decideResume } from './resume.ts';
import { isOpen } from './state.ts';
import type { IncidentState } from './state.ts';

/**
 * Decides what happens to an incident (null: to one that is not there yet). Pure: the same arguments always give the
 * same events. Clock warnings and breaches that were due by now come first, so that the order of a late tick and a
 * command cannot change whether a promise was kept.
 *
 * Throws `PlimsollError('failed_precondition')` for what its state forbids.
 */
export function decideIncident(
  incident: IncidentState | null,
  ask: IncidentAsk,
  nowMs: number,
): IncidentEvent[] {
  if (ask.type === 'open') {
    if (incident !== null) throw new Error(`incident ${incident.id} exists already`);
    return decideOpen(ask.incident);
  }
  if (incident === null) throw new Error(`${ask.type} needs an incident`);
  const due = isOpen(incident) ? dueClockEvents(incident, nowMs) : [];
  // The look-up alone cannot tell the compiler that verb and ask belong together.
  const verb = VERBS[ask.type] as (on: IncidentState, what: Later, nowMs: number) => IncidentEvent[];
  const verbEvents = verb(foldIncident(incident, due), ask, nowMs);
  // A firing rule sends its breach again and again: that alone is no occasion to write.
  return verbEvents.length === 0 && ask.type !== 'advance' ? [] : [...due, ...verbEvents];
}

type Later = Exclude<IncidentAsk, { type: 'open' }>;
type Verb<T extends Later['type']> = (
  incident: IncidentState,
  ask: Extract<Later, { type: T }>,
  nowMs: number,
) => IncidentEvent[];

const VERBS: { readonly [T in Later['type']]: Verb<T> } = {
  acknowledge: decideAcknowledge,
  assign: (incident, { assignee }, nowMs) => decideAssign(incident, assignee, nowMs),
  note: (_, { text }, nowMs) => decideNote(text, nowMs),
  hold: decideHold,
  resume: (incident, _, nowMs) => decideResume(incident, nowMs),
  resolve: decideResolve,
  breach: decideBreach,
  recover: decideRecover,
  reopen: decideReopen,
  close: (incident, { note }, nowMs) => decideClose(incident, note, nowMs),
  cancel: (incident, { note }, nowMs) => decideCancel(incident, note, nowMs),
  reprioritise: decideReprioritise,
  link_problem: (_, { problem, number }, nowMs) => [
    incidentEvent('incident.problem_linked', nowMs, { problem, number }),
  ],
  reclassify: decideReclassify,
  advance: (incident, { closeAfterMs }, nowMs) => decideAdvance(incident, closeAfterMs, nowMs),
};
