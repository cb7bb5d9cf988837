import { MAX_BATCH, type DatasetFile } from '../workflows/contract.ts';

/** Most bytes of the files in one batch as JSON: a path may take 4 KiB, and a hundred of them more than a payload may. */
export const MAX_BATCH_BYTES: number = 64 * 1024;

/** Parts of a list of files that each travel in one payload: at most `MAX_BATCH` files and `MAX_BATCH_BYTES`, and at least one file. */
export function batchesOf(files: readonly DatasetFile[]): readonly (readonly DatasetFile[])[] {
  const batches: DatasetFile[][] = [];
  let batch: DatasetFile[] = [];
  let bytes = 0;
  for (const file of files) {
    const more = Buffer.byteLength(JSON.stringify(file)) + 1;
    if (batch.length > 0 && (batch.length === MAX_BATCH || bytes + more > MAX_BATCH_BYTES)) {
      batches.push(batch);
      batch = [];
      bytes = 0;
    }
    batch.push(file);
    bytes += more;
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}
