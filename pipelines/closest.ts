/**
 * The candidate that a misspelt word most likely stands for: the first of those with the fewest edits, if
 * they are at most a third of its length.
 */
export function closest(word: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined;
  let fewest = Infinity;
  for (const candidate of candidates) {
    // Each character of difference is an edit: a word of a megabyte is not compared.
    if (Math.abs(word.length - candidate.length) > mostEdits(candidate)) continue;
    const edits = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (edits < fewest) [best, fewest] = [candidate, edits];
  }
  return best !== undefined && fewest <= mostEdits(best) ? best : undefined;
}

function mostEdits(candidate: string): number {
  return Math.ceil(candidate.length / 3);
}

/**
 * How many characters must be inserted, deleted, replaced or swapped with their neighbour to make `a` into `b`
 * (optimal string alignment).
 * @see Damerau (1964), CACM 7:171–176
 */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = at(last, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let edits = Math.min(replaced, at(last, j) + 1, at(row, j - 1) + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        edits = Math.min(edits, at(beforeLast, j - 2) + 1);
      }
      row.push(edits);
    }
    [beforeLast, last] = [last, row];
  }
  return at(last, b.length);
}

function at(row: readonly number[], j: number): number {
  return row[j] ?? Infinity;
}
