import type { IncidentState } from '../incident/state.ts';
import type { TimelineItem } from '../json/common.ts';
import type { ProblemJson } from '../json/problem.ts';
import { rfc3339, rfc3339OrNull } from '../json/time.ts';
import { isKnownError } from './state.ts';
import type { ProblemState } from './state.ts';

/** The API's JSON of a problem. `incidents` are those it links, oldest first. */
export function problemJson(
  problem: ProblemState,
  incidents: readonly IncidentState[],
  timeline: readonly TimelineItem[],
): ProblemJson {
  return {
    id: problem.id,
    number: problem.number,
    state: problem.state,
    title: problem.title,
    service: problem.service,
    signature: problem.signature,
    reason: problem.reason,
    rootCause: problem.rootCause,
    workaround: problem.workaround,
    openedAt: rfc3339(problem.openedAtMs),
    resolvedAt: rfc3339OrNull(problem.resolvedAtMs),
    closedAt: rfc3339OrNull(problem.closedAtMs),
    knownError: isKnownError(problem),
    incidents: incidents.map((incident) => ({
      id: incident.id,
      number: incident.number,
      openedAt: rfc3339(incident.openedAtMs),
      resolvedAt: rfc3339OrNull(incident.resolvedAtMs),
    })),
    timeline: [...timeline],
  };
}
