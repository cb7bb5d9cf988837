/** Two columns of one sample in cells; −1 = missing. */
export interface PairOfCells {
  readonly a: Int32Array;
  readonly b: Int32Array;
}

export interface InteractionTest {
  /** χ² of the table against what it would be with the same odds ratios in both samples */
  readonly statistic: number;
  readonly degreesOfFreedom: number;
  /** Cramér's V of the two columns in each sample */
  readonly reference: number;
  readonly current: number;
  /** the combination of cells that departs most from the same odds ratios */
  readonly combination: CombinationOfCells;
}

/** Two cells, one of each column, that occur together more or less often than with the same odds ratios. */
export interface CombinationOfCells {
  readonly a: number;
  readonly b: number;
  /** share of the rows compared: of each sample, and of the current one had the odds ratios stayed the same */
  readonly reference: number;
  readonly current: number;
  readonly expected: number;
}

/** Cells of the two columns in which fewer rows than this lie, in both samples together, are left out. */
const LEAST_TOTAL = 20;
const LEAST_ROWS = 50;
const MOST_ROUNDS = 200;
const TOLERANCE = 1e-6;

/**
 * Do two columns of categories have the same odds ratios in both samples?
 *
 * Pearson's χ² of the 2 × I × J table against the log-linear model without three-way interaction, fitted by iterative
 * proportional fitting; (I − 1)(J − 1) degrees of freedom, less one for each cell left out as too rare. The margins
 * of both columns in both samples are fitted, so that their changes do not count.
 *
 * @param cells cells of each column
 * @returns null where too little is left to compare
 * @see Bishop, Fienberg & Holland (1975), Discrete Multivariate Analysis, section 3.5; Bartlett (1935), JRSS Suppl. 2
 */
export function interactionTest(
  reference: PairOfCells,
  current: PairOfCells,
  cells: number,
): InteractionTest | null {
  const before = countPairs(reference, cells);
  const now = countPairs(current, cells);
  const isKept = keptCells(before, now, cells);
  const tables = [before, now].map((counts) => counts.map((count, k) => (isKept[k] ? count : 0)));
  const [n, m] = tables.map((counts) => counts.reduce((sum, count) => sum + count, 0));
  const degreesOfFreedom = freedomOf(isKept, cells);
  if (Math.min(n, m) < LEAST_ROWS || degreesOfFreedom <= 0) return null;
  const fitted = fitNoInteraction(tables, cells);
  let statistic = 0;
  tables.forEach((counts, s) => {
    counts.forEach((count, k) => {
      if (fitted[s][k] > 0) statistic += (count - fitted[s][k]) ** 2 / fitted[s][k];
    });
  });
  return {
    statistic,
    degreesOfFreedom,
    reference: strengthOf(tables[0], cells),
    current: strengthOf(tables[1], cells),
    combination: mostChanged(tables, fitted[1], cells),
  };
}

/** By the cell's part of χ², (observed − fitted)² / fitted, in the current sample. */
function mostChanged(
  [before, now]: readonly Float64Array[],
  fitted: Float64Array,
  cells: number,
): CombinationOfCells {
  const part = (k: number): number => (fitted[k] > 0 ? (now[k] - fitted[k]) ** 2 / fitted[k] : 0);
  let most = 0;
  for (let k = 1; k < now.length; k++) if (part(k) > part(most)) most = k;
  const shareOf = (counts: Float64Array): number =>
    counts[most] / counts.reduce((sum, count) => sum + count, 0);
  return {
    a: Math.floor(most / cells),
    b: most % cells,
    reference: shareOf(before),
    current: shareOf(now),
    expected: shareOf(fitted),
  };
}

function countPairs({ a, b }: PairOfCells, cells: number): Float64Array {
  const counts = new Float64Array(cells * cells);
  for (let i = 0; i < a.length; i++) if (a[i] >= 0 && b[i] >= 0) counts[a[i] * cells + b[i]]++;
  return counts;
}

/** Frequent enough, and in a row and a column that both samples have. */
function keptCells(before: Float64Array, now: Float64Array, cells: number): readonly boolean[] {
  const inBoth = (table: (k: number) => number): boolean[] =>
    Array.from({ length: cells }, (_, at) =>
      [before, now].every((counts) => counts.some((count, k) => table(k) === at && count > 0)),
    );
  const rows = inBoth((k) => Math.floor(k / cells));
  const columns = inBoth((k) => k % cells);
  return Array.from(
    before,
    (count, k) =>
      count + now[k] >= LEAST_TOTAL && rows[Math.floor(k / cells)] && columns[k % cells],
  );
}

/** Cells kept − rows kept − columns kept + 1, of a table that hangs together. */
function freedomOf(isKept: readonly boolean[], cells: number): number {
  const rows = new Set<number>();
  const columns = new Set<number>();
  let kept = 0;
  isKept.forEach((keep, k) => {
    if (!keep) return;
    kept++;
    rows.add(Math.floor(k / cells));
    columns.add(k % cells);
  });
  return kept - rows.size - columns.size + 1;
}

function fitNoInteraction(tables: readonly Float64Array[], cells: number): readonly Float64Array[] {
  const [before, now] = tables;
  const isKept = before.map((count, k) => (count + now[k] > 0 ? 1 : 0));
  const fitted = [isKept.slice(), isKept.slice()];
  const row = (k: number): number => Math.floor(k / cells);
  const column = (k: number): number => k % cells;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    let moved = 0;
    for (const margin of [row, column]) {
      tables.forEach((counts, s) => {
        moved = Math.max(moved, fitMargin(counts, fitted[s], margin, cells));
      });
    }
    for (let k = 0; k < before.length; k++) {
      const total = fitted[0][k] + fitted[1][k];
      if (total === 0) continue;
      const factor = (before[k] + now[k]) / total;
      fitted[0][k] *= factor;
      fitted[1][k] *= factor;
      moved = Math.max(moved, Math.abs(factor - 1));
    }
    if (moved < TOLERANCE) break;
  }
  return fitted;
}

/** Scales `fitted` to a margin of `counts`, in place; returns by how much at most, as a share. */
function fitMargin(
  counts: Float64Array,
  fitted: Float64Array,
  margin: (k: number) => number,
  cells: number,
): number {
  const wanted = new Float64Array(cells);
  const found = new Float64Array(cells);
  for (let k = 0; k < counts.length; k++) {
    wanted[margin(k)] += counts[k];
    found[margin(k)] += fitted[k];
  }
  let moved = 0;
  for (let k = 0; k < counts.length; k++) {
    const at = margin(k);
    if (found[at] === 0) continue;
    const factor = wanted[at] / found[at];
    fitted[k] *= factor;
    moved = Math.max(moved, Math.abs(factor - 1));
  }
  return moved;
}

/** Cramér's V: √(χ² / (n · min(I − 1, J − 1))) over the rows and columns that occur. */
function strengthOf(counts: Float64Array, cells: number): number {
  const rows = new Float64Array(cells);
  const columns = new Float64Array(cells);
  let n = 0;
  counts.forEach((count, k) => {
    rows[Math.floor(k / cells)] += count;
    columns[k % cells] += count;
    n += count;
  });
  let phi = 0;
  counts.forEach((count, k) => {
    const expected = (rows[Math.floor(k / cells)] * columns[k % cells]) / n;
    if (expected > 0) phi += (count - expected) ** 2 / expected / n;
  });
  const isThere = (total: number): boolean => total > 0;
  const least = Math.min(rows.filter(isThere).length, columns.filter(isThere).length) - 1;
  return least > 0 ? Math.min(1, Math.sqrt(phi / least)) : 0;
}
