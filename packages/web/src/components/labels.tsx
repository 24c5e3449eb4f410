import type { Labels } from '../api/types.ts';

/** A series' or host's labels, without those already said elsewhere. */
export function LabelList({
  labels,
  without = [],
}: {
  readonly labels: Labels;
  readonly without?: readonly string[];
}) {
  const shown = Object.entries(labels).filter(([name]) => !without.includes(name));
  if (shown.length === 0) return null;
  return (
    <ul class="labels" aria-label="Labels">
      {shown.map(([name, value]) => (
        <li key={name}>
          {name}="{value}"
        </li>
      ))}
    </ul>
  );
}
