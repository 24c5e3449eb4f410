import { formatPercent, noValue } from '../lib/format.ts';

interface LoadProps {
  /** 0..1 or unknown. */
  readonly share: number | null | undefined;
  /** Where the line is drawn, 0..1. */
  readonly line?: number;
  /** Which of several things it is the share of. */
  readonly note?: string | undefined;
}

/** A share of capacity as figure and bar, with the line it should stay under. */
export function Load({ share, line = 0.9, note }: LoadProps) {
  if (share === null || share === undefined) return <span class="soft">{noValue}</span>;
  const drawn = Math.min(1, Math.max(0, share));
  return (
    <span class={share >= line ? 'load over' : 'load'}>
      <span class="figure">{formatPercent(share)}</span>
      <span class="hull" aria-hidden="true" style={{ '--share': drawn, '--line-at': line }}>
        <span class="carried" />
        <span class="mark" />
      </span>
      {note === undefined ? null : <span class="note">{note}</span>}
    </span>
  );
}
