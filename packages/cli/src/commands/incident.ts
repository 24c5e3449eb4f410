import type { Flag } from '../flags.ts';
import { type Action, resourceCommand } from './resource-command.ts';

const noteFlag = text('note', 'TEXT', 'A note for the timeline.');

/** `plimsoll incident`. */
export const incidentCommand = resourceCommand({
  name: 'incident',
  path: 'incidents',
  columns: [
    ['NUMBER', 'number'],
    ['PRIORITY', 'priority'],
    ['STATE', 'state'],
    ['SERVICE', 'service'],
    ['OPENED', 'openedAt'],
    ['DUE', 'sla.resolution.dueAt'],
    ['ASSIGNEE', 'assignee'],
    ['TITLE', 'title'],
  ],
  filters: [
    text('state', 'STATE', 'open (default), all, or one state.'),
    text('service', 'NAME', 'Only those of a service.'),
    text('priority', 'P1..P5', 'Only those of a priority.'),
    text('instance', 'NAME', 'Only those about a host.'),
    text('limit', 'COUNT', 'At most so many.'),
  ],
  actions: [
    {
      name: 'open',
      summary: 'Open an incident by hand',
      positionals: ['TITLE'],
      flags: [
        text('service', 'NAME', 'The service it is about.'),
        text('severity', 'LEVEL', 'critical, warning or info.'),
        text('description', 'TEXT', 'What is known.'),
      ],
      request: ([title], flag) => ({
        path: '',
        body: {
          title,
          service: flag('service'),
          severity: flag('severity') ?? 'warning',
          description: flag('description'),
        },
      }),
    },
    action('acknowledge', 'Say that you have it', [], [noteFlag], (_, flag) => ({ note: flag('note') })),
    action('assign', 'Give it to a person', ['PERSON'], [], ([assignee]) => ({ assignee })),
    action('note', 'Add a note to the timeline', ['TEXT'], [], ([written]) => ({ text: written }), 'notes'),
    action(
      'hold',
      'Pause the clocks that pause for the reason',
      ['TEXT'],
      [text('reason', 'REASON', 'caller, change, problem or vendor.')],
      ([note], flag) => ({ reason: flag('reason'), note }),
    ),
    action('resume', 'Let the clocks run again', [], [], () => ({})),
    action('resolve', 'Mark it resolved', [], [noteFlag], (_, flag) => ({ note: flag('note') })),
  ],
});

function text(name: string, placeholder: string, help: string): Flag {
  return { name, kind: 'text', placeholder, default: '', help };
}

/** An action on one incident, whose id is its first argument. */
function action(
  name: string,
  summary: string,
  positionals: readonly string[],
  flags: readonly Flag[],
  body: (
    positionals: readonly string[],
    flag: (name: string) => string | undefined,
  ) => Readonly<Record<string, unknown>>,
  path = name,
): Action {
  return {
    name,
    summary,
    positionals: ['ID', ...positionals],
    flags,
    request: ([id = '', ...rest], flag) => ({
      path: `/${encodeURIComponent(id)}/${path}`,
      body: body(rest, flag),
    }),
  };
}
