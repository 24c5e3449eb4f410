import { isStaleMarker } from '@plimsoll/proto';
import type { SeriesColumns } from '@plimsoll/promql';

/** What a file of numbers has no word for. */
export interface LeftOut {
  staleMarkers: number;
  histograms: number;
  /** Of samples that are in the file. */
  startTimestamps: number;
}

export const NOTHING_LEFT_OUT: LeftOut = { staleMarkers: 0, histograms: 0, startTimestamps: 0 };

/** Whether a sample is a number; counts what of it a file of numbers cannot hold. */
export function isNumber(
  { values, histograms, startTimestamps }: SeriesColumns,
  i: number,
  leftOut: LeftOut,
): boolean {
  if (histograms?.[i] !== undefined) leftOut.histograms++;
  else if (isStaleMarker(values[i] ?? 0)) leftOut.staleMarkers++;
  else {
    if ((startTimestamps?.[i] ?? 0) !== 0) leftOut.startTimestamps++;
    return true;
  }
  return false;
}

/** For people; of stale markers the command tells itself. */
export function remarksOn(
  { histograms, startTimestamps }: Readonly<LeftOut>,
  format: 'openmetrics' | 'parquet',
): readonly string[] {
  const remarks: string[] = [];
  if (histograms > 0) {
    remarks.push(
      `${histograms} native histograms were left out: ${format} holds numbers only; \`storage copy\` keeps them`,
    );
  }
  if (startTimestamps > 0) {
    remarks.push(`the start timestamps of ${startTimestamps} samples were left out, ${format} has none`);
  }
  return remarks;
}
