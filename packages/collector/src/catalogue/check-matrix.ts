import type { PriorityMatrix } from './catalogue.ts';

/** Why a matrix is no good, or null. More impact or more urgency must never make a priority less urgent. */
export function matrixFault({ rows }: PriorityMatrix): string | null {
  for (const [i, row] of rows.entries()) {
    for (const [u, priority] of row.entries()) {
      const lessImpact = rows[i + 1]?.[u];
      const lessUrgent = row[u + 1];
      if (
        (lessImpact !== undefined && lessImpact < priority) ||
        (lessUrgent !== undefined && lessUrgent < priority)
      ) {
        return `impact ${i + 1} with urgency ${u + 1} is ${priority}, yet a lesser case is more urgent`;
      }
    }
  }
  return null;
}
