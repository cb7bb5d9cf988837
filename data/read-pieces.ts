import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';

/** Larger pieces are hardly read faster. */
const MOST_BYTES = 1 << 20;

/**
 * The content of a file in pieces of up to a megabyte. File system errors pass through.
 *
 * A piece takes no more memory than the file is long: what is set aside outside of the heap counts for the garbage
 * collector even if nothing is ever written there, and with many small files it would collect most of the time.
 */
export async function* readPieces(file: string): AsyncGenerator<Buffer> {
  const { size } = await stat(file);
  // At least one, so that the end of an empty file is noticed.
  const highWaterMark = Math.min(Math.max(size, 1), MOST_BYTES);
  for await (const piece of createReadStream(file, { highWaterMark })) yield piece as Buffer;
}
