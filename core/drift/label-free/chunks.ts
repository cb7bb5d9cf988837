/** A standard deviation of fewer chunks says little of what is usual. */
const MIN_CHUNKS = 5;

/** Too little to learn from: how much there was of what, and how much is needed. */
export interface Insufficient {
  readonly kind: 'insufficient';
  readonly n: number;
  readonly required: number;
  /** one sentence for people */
  readonly reason: string;
}

/** Too few chunks to tell what is usual, or null if there are enough. */
export function tooFewChunks(chunks: readonly Int32Array[]): Insufficient | null {
  if (chunks.length >= MIN_CHUNKS) return null;
  const reason = `${chunks.length} chunks of reference, at least ${MIN_CHUNKS} are needed to tell what is usual`;
  return { kind: 'insufficient', n: chunks.length, required: MIN_CHUNKS, reason };
}

/**
 * @param of what is fitted, for the error
 * @throws RangeError naming the first chunk that is empty or has a row that is not of the reference
 */
export function requireChunks(of: string, chunks: readonly Int32Array[], rows: number): void {
  chunks.forEach((chunk, c) => {
    if (chunk.length === 0) throw new RangeError(`${of}: reference chunk ${c + 1} has no row`);
    const strange = chunk.find((row) => row < 0 || row >= rows);
    if (strange !== undefined) {
      throw new RangeError(
        `${of}: reference chunk ${c + 1} has row ${strange}; the reference has rows 0 to ${rows - 1}`,
      );
    }
  });
}
