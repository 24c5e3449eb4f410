import type { Catalogue } from '../catalogue/catalogue.ts';
import { PlimsollError } from '../errors.ts';
import type { IncidentCommand } from './command.ts';
import { assembleIncident } from './incident/assemble.ts';
import type { IncidentAsk } from './incident/command.ts';
import { sha256 } from './journal/chain.ts';
import { newId } from './journal/journal.ts';
import type { OperationContext, Staging } from './staging.ts';

/** Opens an incident by hand. Answers its id. */
export function takeOpening(
  staging: Staging,
  command: Extract<IncidentCommand, { type: 'incident.open' }>,
  catalogue: Catalogue,
  restorableToMs: ReadonlyMap<string, number | null>,
  context: OperationContext,
): string {
  const service = catalogue.services.find(({ name }) => name === command.service);
  if (service === undefined) {
    throw new PlimsollError('not_found', `there is no service ${command.service}: name one of the catalogue`);
  }
  const id = newId();
  const opening = {
    id,
    number: staging.nextNumber('incident'),
    title: command.title,
    description: command.description ?? null,
    category: 'performance',
    severity: command.severity,
    resources: [],
    labels: {},
    annotations: {},
    // Nothing else is the same as what a person saw.
    signature: sha256(JSON.stringify(['manual/1', id])),
    occurrence: 1,
    previous: null,
    conditions: {},
    onsetAtMs: staging.nowMs,
    uncertaintyMs: 0,
    detectedAtMs: staging.nowMs,
    outage: false,
    rule: null,
    expression: null,
    value: null,
    threshold: null,
    services: [service],
    restorableToMs,
  } as const;
  const incident = assembleIncident(opening, catalogue, staging.nowMs);
  staging.decideIncident(id, { type: 'open', incident }, context);
  return id;
}

/** A person's command to an incident that exists. `personOf` makes an opaque id of a name. */
export function takeIncidentCommand(
  staging: Staging,
  incidentId: string,
  command: Exclude<IncidentCommand, { type: 'incident.open' }>,
  surroundings: {
    readonly catalogue: Catalogue;
    readonly personOf: (name: string) => string;
    readonly context: OperationContext;
  },
): void {
  const { context } = surroundings;
  const by = context.actor.kind === 'user' ? context.actor.id : null;
  staging.decideIncident(incidentId, askOf(command, by, surroundings), context);
}

function askOf(
  command: Exclude<IncidentCommand, { type: 'incident.open' }>,
  by: string | null,
  { catalogue, personOf }: { readonly catalogue: Catalogue; readonly personOf: (name: string) => string },
): IncidentAsk {
  switch (command.type) {
    case 'incident.acknowledge':
      return { type: 'acknowledge', note: command.note ?? null, by };
    case 'incident.assign':
      return { type: 'assign', assignee: personOf(command.assignee) };
    case 'incident.note':
      return { type: 'note', text: command.text };
    case 'incident.hold':
      return { type: 'hold', reason: command.reason, note: command.note, by };
    case 'incident.resume':
      return { type: 'resume' };
    case 'incident.resolve':
      return { type: 'resolve', note: command.note ?? null, by };
    case 'incident.reopen':
      return { type: 'reopen', note: command.note, breach: null };
    case 'incident.close':
      return { type: 'close', note: command.note ?? null };
    case 'incident.cancel':
      return { type: 'cancel', note: command.note };
    case 'incident.reprioritise': {
      const { impact, urgency, note } = command;
      return { type: 'reprioritise', impact, urgency, note, matrix: catalogue.matrix };
    }
    default:
      return command satisfies never;
  }
}
