import { resourceCommand } from './resource-command.ts';

/** `plimsoll problem`. */
export const problemCommand = resourceCommand({
  name: 'problem',
  path: 'problems',
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
    },
    { name: 'service', kind: 'text', placeholder: 'NAME', default: '', help: 'Only those of a service.' },
    { name: 'limit', kind: 'text', placeholder: 'COUNT', default: '', help: 'At most so many.' },
  ],
  actions: [],
});
