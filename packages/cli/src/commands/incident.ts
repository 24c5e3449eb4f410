import type { IncidentJson } from '@plimsoll/collector';
import type { Flag } from '../flags.ts';
import { incidentPage } from '../pages/incident-page.ts';
import { nameText } from '../words.ts';
import { type Action, resourceCommand } from './resource-command.ts';

/** Each set of values is written as the members of a record, so that the compiler misses none. */
const STATES = Object.keys({
  new: true,
  acknowledged: true,
  in_progress: true,
  on_hold: true,
  resolved: true,
  closed: true,
  canceled: true,
} satisfies Record<IncidentJson['state'], true>);

const PRIORITIES = Object.keys({
  P1: true,
  P2: true,
  P3: true,
  P4: true,
  P5: true,
} satisfies Record<IncidentJson['priority'], true>);

const SEVERITIES = Object.keys({
  critical: true,
  warning: true,
  info: true,
} satisfies Record<IncidentJson['severity'], true>);

const REASONS = Object.keys({
  caller: true,
  change: true,
  problem: true,
  vendor: true,
} satisfies Record<NonNullable<IncidentJson['hold']>['reason'], true>);

const noteFlag = text('note', 'TEXT', 'A note for the timeline.');
const whyFlag: Flag = { ...noteFlag, required: 'why, in a few words for the timeline' };

/** `plimsoll incident`. */
export const incidentCommand = resourceCommand<IncidentJson>({
  name: 'incident',
  path: 'incidents',
  prefix: 'INC',
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
    { ...text('state', 'STATE', 'open (default), all, or one state.'), choices: ['open', 'all', ...STATES] },
    text('service', 'NAME', 'Only those of a service.'),
    { ...text('priority', 'P1..P5', 'Only those of a priority.'), choices: PRIORITIES },
    text('instance', 'NAME', 'Only those about a host.'),
    text('limit', 'COUNT', 'At most so many.'),
  ],
  actions: [
    {
      name: 'open',
      summary: 'Open an incident by hand',
      isOnItem: false,
      positionals: ['TITLE'],
      flags: [
        {
          ...text('service', 'NAME', 'The service it is about.'),
          required: 'the service it is about; `plimsoll service list` names them',
        },
        { ...text('severity', 'LEVEL', 'critical, warning (default) or info.'), choices: SEVERITIES },
        text('description', 'TEXT', 'What is known.'),
      ],
      path: '',
      body: ([title], flag) => ({
        title,
        service: flag('service'),
        severity: flag('severity') ?? 'warning',
        description: flag('description'),
      }),
      done: ({ service, priority }) => `opened for ${service}, priority ${priority}`,
    },
    noted('acknowledge', 'Say that you have it', noteFlag, ({ state }) =>
      state === 'acknowledged' ? 'acknowledged' : `acknowledged, ${nameText(state)}`,
    ),
    action({
      name: 'assign',
      summary: 'Give it to a person',
      positionals: ['PERSON'],
      body: ([assignee]) => ({ assignee }),
      done: ({ assignee }) => `assigned to ${assignee ?? 'nobody'}`,
    }),
    action({
      name: 'note',
      summary: 'Add a note to the timeline',
      positionals: ['TEXT'],
      path: '/notes',
      body: ([written]) => ({ text: written }),
      done: () => 'noted',
    }),
    action({
      name: 'hold',
      summary: 'Pause the clocks that pause for the reason',
      positionals: ['TEXT'],
      flags: [
        {
          ...text('reason', 'REASON', 'caller, change, problem or vendor.'),
          required: `what it waits for, one of ${REASONS.join(', ')}`,
          choices: REASONS,
        },
      ],
      body: ([note], flag) => ({ reason: flag('reason'), note }),
      done: ({ hold }) => `on hold${hold === null ? '' : ` for the ${hold.reason}`}`,
    }),
    action({
      name: 'resume',
      summary: 'Let the clocks run again',
      done: ({ state }) => `resumed, ${nameText(state)}`,
    }),
    noted('resolve', 'Mark it resolved', noteFlag, stateOf),
    noted('reopen', 'Open it again', whyFlag, ({ state }) => `open again, ${nameText(state)}`),
    noted('close', 'Close it for good', noteFlag, stateOf),
    noted('cancel', 'Mark it as no incident', whyFlag, stateOf),
  ],
  page: incidentPage,
});

function stateOf({ state }: IncidentJson): string {
  return nameText(state);
}

function text(name: string, placeholder: string, help: string): Flag {
  return { name, kind: 'text', placeholder, default: '', help };
}

/** An action on one incident, posted under its own name unless it says otherwise. */
function action(
  about: Pick<Action<IncidentJson>, 'name' | 'summary' | 'done'> & Partial<Action<IncidentJson>>,
): Action<IncidentJson> {
  return {
    isOnItem: true,
    positionals: [],
    flags: [],
    path: `/${about.name}`,
    body: () => ({}),
    ...about,
  };
}

/** An action that takes nothing but a note. */
function noted(
  name: string,
  summary: string,
  note: Flag,
  done: Action<IncidentJson>['done'],
): Action<IncidentJson> {
  return action({ name, summary, flags: [note], body: (_, flag) => ({ note: flag('note') }), done });
}
