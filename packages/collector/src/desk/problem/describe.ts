import type { ProblemEventType, ProblemPayloads } from './event.ts';

type Describe<T extends ProblemEventType> = (payload: ProblemPayloads[T]) => string;

const TEXTS: { readonly [T in ProblemEventType]: Describe<T> } = {
  'problem.opened': ({ reason, incidents }) =>
    reason === 'recurrence' ? `Opened: it happened ${incidents.length} times` : `Opened: ${reason}`,
  'problem.incident_linked': ({ number }) => `Happened again: incident ${number}`,
  'problem.noted': ({ text }) => text,
  'problem.moved': ({ state }) => `Moved to ${state.replaceAll('_', ' ')}`,
  'problem.analysed': ({ rootCause, workaround }) =>
    [
      rootCause === null ? '' : `Root cause: ${rootCause}`,
      workaround === null ? '' : `Workaround: ${workaround}`,
    ]
      .filter((part) => part !== '')
      .join('. '),
  'problem.closed': ({ note }) => `Closed: ${note}`,
};

/** One sentence about an event for people; a type of a later build is named as it is. */
export function describeProblemEvent(type: string, payload: object): string {
  if (!Object.hasOwn(TEXTS, type)) return type;
  // The table is typed by event; the look-up alone cannot tell the compiler that key and payload belong together.
  return (TEXTS[type as ProblemEventType] as (payload: object) => string)(payload);
}
