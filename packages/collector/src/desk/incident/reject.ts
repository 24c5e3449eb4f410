import { PlimsollError } from '../../errors.ts';
import type { IncidentState } from './state.ts';

/** The error for what cannot be done in the incident's present state. */
export function notNow(incident: IncidentState, verb: string, advice: string): PlimsollError {
  return new PlimsollError(
    'failed_precondition',
    `cannot ${verb} incident ${incident.number}: it is ${incident.state.replaceAll('_', ' ')}; ${advice}`,
    { details: { incident: incident.id, number: incident.number, state: incident.state } },
  );
}
