import type { TimelineItem } from '../api/types.ts';
import { words } from '../lib/format.ts';
import { Instant } from './instant.tsx';

/** What happened, newest first. */
export function Timeline({ items }: { readonly items: readonly TimelineItem[] }) {
  if (items.length === 0) return <p class="soft">Nothing has happened yet.</p>;
  return (
    <ol class="timeline" reversed>
      {items.toReversed().map((item, index) => (
        <li key={`${item.at} ${item.type} ${index}`}>
          <span class="text">{item.text || words(item.type)}</span>
          <span class="when">
            <Instant at={item.at} absolute />
            {` · ${actorName(item.actor)}`}
          </span>
        </li>
      ))}
    </ol>
  );
}

function actorName(actor: { readonly kind: string; readonly id: string }): string {
  if (actor.kind === 'system') return 'Plimsoll';
  return actor.id === '' || actor.id === actor.kind ? actor.kind : `${actor.kind} ${actor.id}`;
}
