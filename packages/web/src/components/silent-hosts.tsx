import type { Host } from '../api/types.ts';
import { paths } from '../lib/paths.ts';
import { hostLook, isReporting } from '../lib/tones.ts';
import { Badge } from './badge.tsx';
import { Instant } from './instant.tsx';

export function SilentHosts({ hosts }: { readonly hosts: readonly Host[] }) {
  const away = hosts.filter((host) => !isReporting(host));
  if (hosts.length === 0) return <p class="soft">No agent has reported yet.</p>;
  if (away.length === 0) return <p class="soft">Every known host reports.</p>;
  return (
    <ul class="lines">
      {away.map((host) => (
        <li key={`${host.id} ${host.instance}`}>
          <span>
            <a href={paths.host(host.instance)}>{host.instance}</a>
            <span class="under">
              {host.refusedReason ?? (
                <>
                  last heard <Instant at={host.lastSeenAt} />
                </>
              )}
            </span>
          </span>
          <Badge look={hostLook(host)} />
        </li>
      ))}
    </ul>
  );
}
