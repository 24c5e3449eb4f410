import type { Look } from '../lib/tones.ts';
import { Icon } from './icon.tsx';

/** A state in colour, icon and word; a rank in colour and word. */
export function Badge({ look, title }: { readonly look: Look; readonly title?: string }) {
  return (
    <span class={`badge tone-${look.tone}`} title={title}>
      {look.icon === null ? null : <Icon name={look.icon} />}
      {look.word}
    </span>
  );
}
