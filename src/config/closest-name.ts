/** The known name that a misspelt one probably means: at most two letters added, left out, changed or swapped. */
export function closestName(written: string, known: Iterable<string>): string | undefined {
  let closest: string | undefined;
  let least = Math.min(3, Math.ceil(written.length / 2));
  for (const name of known) {
    if (Math.abs(name.length - written.length) >= least) continue;
    const steps = editDistance(written, name);
    if (steps < least) {
      least = steps;
      closest = name;
    }
  }
  return closest;
}

/** Optimal string alignment distance; only the last three rows of the table are kept. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let steps = Math.min(at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        steps = Math.min(steps, at(beforeLast, j - 2) + 1);
      }
      row.push(steps);
    }
    beforeLast = last;
    last = row;
  }
  return at(last, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Infinity;
}
