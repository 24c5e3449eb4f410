import type { Incident } from '../api/types.ts';
import { resolvedWhileFiring } from '../lib/incidents.ts';
import { Icon } from './icon.tsx';

/** Says why nothing is open although the rule fires. */
export function HeldBack({ incident }: { readonly incident: Incident }) {
  if (!resolvedWhileFiring(incident)) return null;
  return (
    <p class="held-back">
      <Icon name="warn" />
      <span>
        Resolved by hand; the condition still holds. Reopening is held back until it clears or an hour passes.
      </span>
    </p>
  );
}
