/** Names further away than this many edits are no help. */
const MAX_EDITS = 4;

/** The valid name most like a mistyped one, or null when none is near. Case, dashes and underscores do not count. */
export function nearestName(written: string, valid: Iterable<string>): string | null {
  const target = plain(written);
  let best: string | null = null;
  let bestEdits = Math.min(MAX_EDITS, Math.ceil(target.length / 2)) + 1;
  for (const name of valid) {
    const edits = editDistance(target, plain(name));
    if (edits < bestEdits) {
      best = name;
      bestEdits = edits;
    }
  }
  return best;
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[-_]/g, '');
}

/** Levenshtein's distance, row by row. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaced = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
