import { InvalidDatasetError } from './invalid-dataset.ts';

/** What bounds the memory and disk that reading one file takes, however large or small the file looks. */
export interface ReadLimits {
  /** bytes of data, unpacked: as much disk is taken while the file is read */
  readonly maxBytes: number;
  readonly maxRows: number;
  readonly maxColumns: number;
  /** rows × columns: 8 bytes of memory each */
  readonly maxValues: number;
}

/** Ample for a file that arrives in a folder, bearable on a laptop: 4 GiB of disk, 2 GiB of memory for the table. */
export const DEFAULT_READ_LIMITS: ReadLimits = {
  maxBytes: 4 * 2 ** 30,
  maxRows: 50_000_000,
  maxColumns: 10_000,
  maxValues: 2 ** 28,
};

/** @throws InvalidDatasetError if a table of this size is beyond the limits */
export function requireSize(
  { rows, columns }: { readonly rows: number; readonly columns: number },
  limits: ReadLimits,
): void {
  const split = 'split the file into smaller ones';
  if (columns > limits.maxColumns) {
    throw new InvalidDatasetError(
      `the file has ${columns} columns, at most ${limits.maxColumns} are read; leave out what is not needed`,
    );
  }
  if (rows > limits.maxRows) {
    throw new InvalidDatasetError(
      `the file has ${rows} rows, at most ${limits.maxRows} are read; ${split}`,
    );
  }
  if (rows * columns > limits.maxValues) {
    throw new InvalidDatasetError(
      `the file has ${rows} rows of ${columns} columns, at most ${limits.maxValues} values are read; ${split}`,
    );
  }
}
