/** Rows that resemble their neighbours, of which a sample was drawn at random. */
export interface DependentRows {
  /** how many of all rows count as one independent row, above 1 */
  readonly phi: number;
  /** all rows of either table */
  readonly rows: { readonly reference: number; readonly current: number };
}

/** Independent rows that those drawn are worth, and their number as one. */
export interface EffectiveRows {
  readonly reference: number;
  readonly current: number;
  /** rows drawn that count as one */
  readonly phi: { readonly reference: number; readonly current: number };
}

/**
 * Rows drawn at random are farther apart than neighbours: the variance of a mean over s of N rows with design effect
 * φ is σ²/s · (1 + (φ − 1) s/N).
 * @param n rows drawn of the reference, at most all
 * @param m likewise of the current table
 */
export function effectiveOfDrawn(
  { phi, rows }: DependentRows,
  n: number,
  m: number,
): EffectiveRows {
  const reference = 1 + (phi - 1) * (n / rows.reference);
  const current = 1 + (phi - 1) * (m / rows.current);
  return { reference: n / reference, current: m / current, phi: { reference, current } };
}

/** More blocks would have more rows with neighbours in the other half. */
const MOST_BLOCKS = 8;
/** Rows of a block, in φ. */
const SHORTEST_BLOCK = 8;

/**
 * Halves of rows in their order that hardly resemble one another: every other one of 2 to 8 blocks, so that what
 * changes slowly is in both.
 * @param phi how many of these rows count as one
 * @returns 0 or 1 for each row
 */
export function halvesInBlocks(rows: number, phi: number): Uint8Array {
  const fitting = 2 * Math.floor(rows / (SHORTEST_BLOCK * phi) / 2);
  const blocks = Math.max(2, Math.min(MOST_BLOCKS, fitting));
  return Uint8Array.from({ length: rows }, (_, row) => Math.floor((row * blocks) / rows) % 2);
}
