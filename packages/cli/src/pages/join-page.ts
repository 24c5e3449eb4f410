import type { IncidentJson } from '@plimsoll/collector';
import { formatSection } from '../table.ts';
import { timeText } from '../words.ts';

/** Parts of a page with an empty line between them; empty parts are left out. */
export function joinPage(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('\n\n');
}

/** One line an entry: when, who and what. */
export function timelineSection(timeline: IncidentJson['timeline']): string {
  return formatSection(
    'Timeline',
    timeline.map(({ at, actor, text }) => `${timeText(at)}  ${actor.id}: ${text.replaceAll(/\s+/g, ' ')}`),
  );
}
