import type { ProblemJson } from '@plimsoll/collector';
import { formatFacts, formatSection } from '../table.ts';
import { nameText, timeText } from '../words.ts';
import { joinPage, timelineSection } from './join-page.ts';

/** A problem for reading: its facts, its incidents, and what happened. */
export function problemPage(problem: ProblemJson): string {
  const { number, title, resolvedAt, closedAt, incidents } = problem;
  return joinPage([
    `PRB-${number}  ${title}`,
    formatFacts([
      ['state', nameText(problem.state)],
      ['reason', problem.reason],
      ['service', problem.service],
      ['opened', timeText(problem.openedAt)],
      ['resolved', resolvedAt === null ? null : timeText(resolvedAt)],
      ['closed', closedAt === null ? null : timeText(closedAt)],
      ['root cause', problem.rootCause ?? 'not known'],
      ['workaround', problem.workaround ?? 'not known'],
      ['known error', problem.knownError ? 'yes' : 'no'],
      ['id', problem.id],
    ]),
    formatSection(
      'Incidents',
      incidents.map((incident) => {
        const end = incident.resolvedAt === null ? 'open' : `resolved ${timeText(incident.resolvedAt)}`;
        return `INC-${incident.number}  opened ${timeText(incident.openedAt)}, ${end}`;
      }),
    ),
    timelineSection(problem.timeline),
  ]);
}
