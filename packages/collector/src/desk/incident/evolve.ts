import type { ClockChange, IncidentEvent, IncidentEventType, IncidentPayloads } from './event.ts';
import type { IncidentState, Interval } from './state.ts';

/** Applies one event. Reads no clock, calendar or catalogue: the event says what came of it. */
export function evolveIncident(before: IncidentState | null, event: IncidentEvent): IncidentState {
  if (event.type === 'incident.opened') {
    if (before !== null) throw new Error(`incident ${before.id} was opened twice`);
    return opened(event.payload);
  }
  if (before === null) throw new Error(`${event.type} has no incident to apply to`);
  // The table is typed by event; the look-up alone cannot tell the compiler that key and payload belong together.
  const change = CHANGES[event.type] as Change<LaterType>;
  return { ...before, ...change(before, event.payload, event.occurredAtMs), version: before.version + 1 };
}

/** Whether this build knows a type. */
export function isIncidentEventType(type: string): boolean {
  return type === 'incident.opened' || Object.hasOwn(CHANGES, type);
}

type LaterType = Exclude<IncidentEventType, 'incident.opened'>;
type Change<T extends LaterType> = (
  incident: IncidentState,
  payload: IncidentPayloads[T],
  atMs: number,
) => Partial<IncidentState>;

const CHANGES: { readonly [T in LaterType]: Change<T> } = {
  'incident.acknowledged': (incident, { assignee, clocks }, atMs) => ({
    state: 'acknowledged',
    acknowledgedAtMs: atMs,
    assignee,
    services: withClocks(incident, clocks),
  }),
  'incident.assigned': (_, { assignee, state }) => ({ assignee, state }),
  'incident.noted': () => ({}),
  'incident.held': (incident, { reason, note, clocks }, atMs) => ({
    state: 'on_hold',
    hold: { reason, sinceMs: atMs, note },
    services: withClocks(incident, clocks),
  }),
  'incident.resumed': (incident, { clocks }) => ({
    state: 'in_progress',
    hold: null,
    services: withClocks(incident, clocks),
  }),
  'incident.condition_began': (incident, { key, condition }) => ({
    conditions: { ...incident.conditions, [key]: condition },
  }),
  'incident.condition_ended': (incident, { key }) => {
    const { [key]: _, ...conditions } = incident.conditions;
    return { conditions };
  },
  'incident.recovered': (incident, { evaluatedAtMs }, atMs) => ({
    conditions: {},
    recoveredAtMs: atMs,
    recoveryEvaluatedAtMs: evaluatedAtMs,
    suppressedUntilMs: null,
    impaired: endLast(incident.impaired, atMs),
  }),
  'incident.resolved': (incident, { suppressedUntilMs, clocks }, atMs) => ({
    state: 'resolved',
    resolvedAtMs: atMs,
    hold: null,
    suppressedUntilMs,
    services: withClocks(incident, clocks),
  }),
  'incident.reopened': (incident, { state, condition, onsetAtMs, clocks }) => ({
    state,
    resolvedAtMs: null,
    suppressedUntilMs: null,
    recoveredAtMs: condition === null ? incident.recoveredAtMs : null,
    conditions:
      condition === null
        ? incident.conditions
        : { ...incident.conditions, [condition.key]: condition.condition },
    impaired:
      onsetAtMs === null ? incident.impaired : [...incident.impaired, { fromMs: onsetAtMs, toMs: null }],
    services: withClocks(incident, clocks),
  }),
  'incident.closed': (_incident, _payload, atMs) => ({ state: 'closed', closedAtMs: atMs }),
  'incident.canceled': (incident, { suppressedUntilMs, clocks }, atMs) => ({
    state: 'canceled',
    closedAtMs: atMs,
    hold: null,
    suppressedUntilMs,
    services: withClocks(incident, clocks),
  }),
  'incident.reprioritised': (incident, payload) => {
    const { impact, urgency, priority, severity, major, service } = payload;
    const services = withClocks(incident, payload.clocks);
    return { impact, urgency, priority, severity, major, service, services };
  },
  'incident.sla_warned': (incident, { clocks }) => ({ services: withClocks(incident, clocks) }),
  'incident.sla_breached': (incident, { clocks }) => ({ services: withClocks(incident, clocks) }),
  'incident.problem_linked': (_, { problem }) => ({ problem }),
  'incident.reclassified': (_, { impaired, unreachable }) => ({ impaired, unreachable }),
};

function opened(payload: IncidentPayloads['incident.opened']): IncidentState {
  return {
    ...payload,
    version: 1,
    state: 'new',
    acknowledgedAtMs: null,
    resolvedAtMs: null,
    recoveredAtMs: null,
    recoveryEvaluatedAtMs: null,
    closedAtMs: null,
    assignee: null,
    hold: null,
    unreachable: false,
    suppressedUntilMs: null,
    problem: null,
  };
}

function withClocks(incident: IncidentState, changes: readonly ClockChange[]): IncidentState['services'] {
  return incident.services.map((service) => {
    const clockOf = (kind: ClockChange['kind']): ClockChange['clock'] | null =>
      changes.find((change) => change.service === service.name && change.kind === kind)?.clock ??
      service[kind];
    return { ...service, response: clockOf('response'), resolution: clockOf('resolution') };
  });
}

function endLast(intervals: readonly Interval[], atMs: number): readonly Interval[] {
  return intervals.map((interval) =>
    interval.toMs === null ? { ...interval, toMs: Math.max(interval.fromMs, atMs) } : interval,
  );
}
