import { useLocation } from 'preact-iso';
import { apiBase } from '../api/client.ts';
import type { Incident, Page } from '../api/types.ts';
import { useApi } from '../api/use-api.ts';
import { counted } from '../lib/format.ts';
import { paths } from '../lib/paths.ts';
import { scheme, toggleScheme } from '../lib/scheme.ts';
import { helpOpen } from './help-dialog.tsx';
import { Icon, type IconName } from './icon.tsx';
import { LiveState } from './live-banner.tsx';
import { Mark } from './mark.tsx';

const places: readonly { readonly href: string; readonly name: string; readonly icon: IconName }[] = [
  { href: paths.now(), name: 'Now', icon: 'now' },
  { href: paths.incidents(), name: 'Incidents', icon: 'incidents' },
  { href: paths.problems(), name: 'Problems', icon: 'problems' },
  { href: paths.hosts(), name: 'Hosts', icon: 'hosts' },
  { href: paths.capacity(), name: 'Capacity', icon: 'capacity' },
  { href: paths.rules(), name: 'Rules', icon: 'rules' },
];

const isWithin = (path: string, href: string) =>
  href === '/' ? path === '/' : path === href || path.startsWith(`${href}/`);

export const openIncidentsPath = `${apiBase}/incidents?state=open&limit=200`;

export function Rail() {
  const { path } = useLocation();
  const page = useApi<Page<Incident>>(openIncidentsPath, { topics: ['incident'] }).data;
  const open = page?.items.length ?? 0;
  const dark = scheme.value === 'dark';
  return (
    <header class="rail">
      <a class="brand" href={paths.now()}>
        <Mark />
        Plimsoll
      </a>
      <nav aria-label="Pages">
        <ul>
          {places.map(({ href, name, icon }) => (
            <li key={href}>
              <a href={href} aria-current={isWithin(path, href) ? 'page' : undefined}>
                <Icon name={icon} />
                {name}
                {name === 'Incidents' && open > 0 ? (
                  <span class="count">
                    {open}
                    {page?.nextCursor ? '+' : ''}
                    <span class="visually-hidden"> open</span>
                  </span>
                ) : null}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <p class="visually-hidden" role="status">
        {counted(open, 'incident is open', 'incidents are open')}
      </p>
      <div class="rail-foot">
        <LiveState />
        <div class="rail-buttons">
          <button
            type="button"
            onClick={toggleScheme}
            aria-label={dark ? 'Use light colours' : 'Use dark colours'}
          >
            <Icon name={dark ? 'sun' : 'moon'} />
          </button>
          <button type="button" onClick={() => (helpOpen.value = true)} aria-label="Keys and help">
            <Icon name="help" />
            <span class="label">Keys</span>
          </button>
        </div>
      </div>
    </header>
  );
}
