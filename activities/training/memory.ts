import { fitBytes, memoryRefusal, type FitSize } from '../../core/models/fit-memory.ts';
import type { Fit } from '../../core/models/fit.ts';
import type { Table } from '../../core/table.ts';
import type { Dataset } from '../../workflows/contract.ts';
import { InvalidPipelineError, NotEnoughMemoryError, type Environment } from '../environment.ts';

type FitMemory = Environment['fitMemory'];

type SizedFit = Pick<Fit, 'params' | 'rows' | 'schema'>;

/**
 * @returns about how many megabytes a fit takes
 * @throws NotEnoughMemoryError if it may not take so many
 */
export function requireFitMemory(fit: SizedFit, memory: FitMemory): number {
  const refusal = fitRefusal(fit, memory);
  if (refusal !== null) throw new NotEnoughMemoryError(refusal);
  return fitBytes(sizeOf(fit, memory)) / 2 ** 20;
}

/** Whether a fit keeps within the memory that it may take: null, or a sentence that says what would help. */
export function fitRefusal(fit: SizedFit, memory: FitMemory): string | null {
  const refusal = memoryRefusal(sizeOf(fit, memory), memory.megabytes);
  return refusal === null ? null : `${refusal} (${LIMIT})`;
}

/**
 * Files that are brought together are held to what a fit may take, before any of them is read.
 * @param earlier brought together with `table`
 * @throws InvalidPipelineError
 */
export function requireFileMemory(
  earlier: readonly Dataset[],
  { rows, columns }: Table,
  memory: FitMemory,
): void {
  if (earlier.length === 0) return;
  const values = earlier.reduce(
    (sum, each) => sum + each.rows * each.columns,
    rows * columns.length,
  );
  const megabytes = Math.ceil((values * BYTES_A_VALUE) / 2 ** 20);
  if (megabytes <= memory.megabytes) return;
  throw new InvalidPipelineError(
    `bringing together ${earlier.length + 1} files takes about ${megabytes} MB, more than the ${memory.megabytes} MB that a fit may take; lower retrain.files, retrain.window or retrain.auto.files, or raise the limit (${LIMIT})`,
  );
}

/** Each value is there twice: in its file's table, and in that of all of them. */
const BYTES_A_VALUE = 2 * 8;

/** The setting that the limit comes from. */
const LIMIT = 'CALMOPS_FIT_MEMORY';

function sizeOf({ params, rows, schema }: SizedFit, { threads }: FitMemory): FitSize {
  return { params, rows: rows.length, schema, threads };
}
