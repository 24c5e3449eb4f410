import { servicePage } from '../pages/service-page.ts';
import { resourceCommand } from './resource-command.ts';

/** `plimsoll service`. */
export const serviceCommand = resourceCommand({
  name: 'service',
  path: 'services',
  columns: [
    ['NAME', 'name'],
    ['STATE', 'state'],
    ['TIER', 'tier'],
    ['OWNER', 'owner'],
    ['OPEN INCIDENTS', 'openIncidents'],
    ['DISPLAY NAME', 'displayName'],
  ],
  filters: [{ name: 'limit', kind: 'text', placeholder: 'COUNT', default: '', help: 'At most so many.' }],
  actions: [],
  page: servicePage,
});
