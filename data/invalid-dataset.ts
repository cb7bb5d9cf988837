/**
 * The dataset file cannot be used as it is, and reading it again will not help. The message says what was
 * found, where (row and column when they are known) and what would be right.
 */
export class InvalidDatasetError extends Error {
  override name: string = 'InvalidDatasetError';
}
