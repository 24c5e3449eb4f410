import type { Look } from '../lib/tones.ts';
import { Icon } from './icon.tsx';

/** A state in colour, icon and word. */
export function Badge({ look, title }: { readonly look: Look; readonly title?: string }) {
  return (
    <span class={`badge tone-${look.tone}`} title={title}>
      <Icon name={look.icon} />
      {look.word}
    </span>
  );
}
