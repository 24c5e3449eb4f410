import type { ProblemJson } from '@plimsoll/collector';
import { problemPage } from '../pages/problem-page.ts';
import { resourceCommand } from './resource-command.ts';

/** By name, so that none is forgotten. */
const STATES = Object.keys({
  new: true,
  assess: true,
  root_cause_analysis: true,
  fix_in_progress: true,
  resolved: true,
  closed: true,
} satisfies Record<ProblemJson['state'], true>);

/** `plimsoll problem`. */
export const problemCommand = resourceCommand({
  name: 'problem',
  path: 'problems',
  prefix: 'PRB',
  columns: [
    ['NUMBER', 'number'],
    ['STATE', 'state'],
    ['REASON', 'reason'],
    ['SERVICE', 'service'],
    ['OPENED', 'openedAt'],
    ['TITLE', 'title'],
  ],
  filters: [
    {
      name: 'state',
      kind: 'text',
      placeholder: 'STATE',
      default: '',
      help: 'all (default), open, or one state.',
      choices: ['all', 'open', ...STATES],
    },
    { name: 'service', kind: 'text', placeholder: 'NAME', default: '', help: 'Only those of a service.' },
    { name: 'limit', kind: 'text', placeholder: 'COUNT', default: '', help: 'At most so many.' },
  ],
  actions: [],
  page: problemPage,
});
