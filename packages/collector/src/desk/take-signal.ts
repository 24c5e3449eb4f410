import type { FileConfig } from '../config/config.ts';
import type { Catalogue, Service } from '../catalogue/catalogue.ts';
import { assembleIncident } from './incident/assemble.ts';
import { categoryOf, isOutage, severityOf, titleOf } from './incident/classify.ts';
import type { Breach } from './incident/command.ts';
import { routeBreach } from './incident/route.ts';
import type { IncidentState } from './incident/state.ts';
import { newId } from './journal/journal.ts';
import { conditionKeyOf, resourcesOf } from './signature.ts';
import type { BreachSignal, RecoverySignal, Signal } from './signal.ts';
import type { OperationContext, Staging } from './staging.ts';

/** Beside the signal, what its decision rests on. */
export interface SignalSurroundings {
  readonly signature: string;
  readonly catalogue: Catalogue;
  readonly config: FileConfig['desk'];
  /** Services that own the resource. */
  readonly services: readonly Service[];
  readonly restorableToMs: ReadonlyMap<string, number | null>;
  readonly context: OperationContext;
}

/** Whether a signal changes nothing, as a firing rule's repeats do. */
export function isKnown(
  signal: Signal,
  latest: IncidentState | undefined,
  config: FileConfig['desk'],
  nowMs: number,
): boolean {
  const conditionIsKnown = latest?.conditions[conditionKeyOf(signal)] !== undefined;
  if (signal.kind === 'recovery') return !conditionIsKnown;
  const route = routeBreach(latest, signal, config.reopenGraceMs, nowMs);
  return route === 'ignore' || (route === 'join' && conditionIsKnown);
}

export function takeSignal(staging: Staging, signal: Signal, surroundings: SignalSurroundings): void {
  if (signal.kind === 'recovery') takeRecovery(staging, signal, surroundings);
  else takeBreach(staging, signal, surroundings);
}

function takeRecovery(
  staging: Staging,
  signal: RecoverySignal,
  { signature, context }: SignalSurroundings,
): void {
  const latest = staging.latestIncident(signature);
  if (latest === undefined) return;
  const { recoveredAtMs, evaluatedAtMs, uncertaintyMs } = signal;
  const key = conditionKeyOf(signal);
  staging.decideIncident(
    latest.id,
    { type: 'recover', key, recoveredAtMs, evaluatedAtMs, uncertaintyMs },
    context,
  );
}

function takeBreach(staging: Staging, signal: BreachSignal, surroundings: SignalSurroundings): void {
  const { signature, catalogue, config, context } = surroundings;
  const latest = staging.latestIncident(signature);
  const breach: Breach = {
    key: conditionKeyOf(signal),
    condition: {
      severity: severityOf(signal.labels),
      labels: signal.labels,
      onsetAtMs: signal.onsetAtMs,
      evaluatedAtMs: signal.evaluatedAtMs,
    },
    value: finiteOrNull(signal.value),
  };
  const route = routeBreach(latest, signal, config.reopenGraceMs, staging.nowMs);
  if (route === 'open' || latest === undefined) {
    const id = openIncident(staging, signal, breach, latest, surroundings);
    lookForRecurrence(staging, id, surroundings);
  } else if (route === 'join') {
    staging.decideIncident(latest.id, { type: 'breach', breach, matrix: catalogue.matrix }, context);
  } else if (route === 'reopen') {
    staging.decideIncident(latest.id, { type: 'reopen', breach, note: null }, context);
  }
}

function openIncident(
  staging: Staging,
  signal: BreachSignal,
  breach: Breach,
  previous: IncidentState | undefined,
  { signature, catalogue, services, restorableToMs, context }: SignalSurroundings,
): string {
  const id = newId();
  const category = categoryOf(signal);
  const opening = {
    id,
    number: staging.nextNumber('incident'),
    title: titleOf(signal),
    description: signal.annotations['description'] ?? null,
    category,
    severity: breach.condition.severity,
    resources: resourcesOf(signal.labels),
    labels: signal.labels,
    annotations: signal.annotations,
    signature,
    occurrence: (previous?.occurrence ?? 0) + 1,
    previous: previous?.id ?? null,
    conditions: { [breach.key]: breach.condition },
    onsetAtMs: signal.onsetAtMs,
    uncertaintyMs: signal.uncertaintyMs,
    detectedAtMs: signal.detectedAtMs,
    outage: isOutage(signal.labels, category),
    rule: signal.rule,
    expression: signal.expression,
    value: breach.value,
    threshold: signal.threshold === null ? null : finiteOrNull(signal.threshold),
    services,
    restorableToMs,
  };
  const incident = assembleIncident(opening, catalogue, staging.nowMs);
  staging.decideIncident(id, { type: 'open', incident }, context);
  return id;
}

/**
 * The n-th occurrence within the window opens a problem, unless one is open for the signature: then it joins that one.
 * Occurrences a closed problem explained do not count again.
 */
function lookForRecurrence(
  staging: Staging,
  incidentId: string,
  { signature, config, context }: SignalSurroundings,
): void {
  const incident = staging.incident(incidentId);
  if (incident === undefined) return;
  const open = staging.openProblem(signature);
  if (open !== undefined) {
    const link = { type: 'problem.link', incident: incidentId, number: incident.number } as const;
    staging.decideProblem(open.id, link, context);
    linkIncident(staging, incidentId, open.id, open.number, context);
    return;
  }
  const occurrences = staging
    .occurrencesSince(signature, staging.nowMs - config.problemWindowMs)
    .filter(({ problem, state }) => problem === null && state !== 'canceled');
  if (occurrences.length < config.problemOccurrences) return;
  const id = newId();
  const number = staging.nextNumber('problem');
  const problem = {
    id,
    number,
    title: incident.title,
    service: incident.service,
    signature,
    reason: 'recurrence',
    openedAtMs: staging.nowMs,
    incidents: occurrences.map((occurrence) => occurrence.id),
  } as const;
  staging.decideProblem(id, { type: 'problem.open', problem }, context);
  for (const occurrence of occurrences) linkIncident(staging, occurrence.id, id, number, context);
}

function linkIncident(
  staging: Staging,
  incidentId: string,
  problem: string,
  number: number,
  context: OperationContext,
): void {
  staging.decideIncident(incidentId, { type: 'link_problem', problem, number }, context);
}

/** JSON has no NaN and no infinities. */
function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
