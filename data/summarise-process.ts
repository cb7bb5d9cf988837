/** The entry of a process that summarises dataset files, one at a time, for the process that started it. */
import type { TableSummary } from '../core/drift/summary/table-summary.ts';
import { serveTasks } from '../processes/serve-tasks.ts';
import { InvalidDatasetError } from './invalid-dataset.ts';
import { summariseDataset, type ReadOptions } from './read-dataset.ts';

export interface SummariseRequest {
  readonly file: string;
  readonly options: ReadOptions;
}

/** Errors lose their class on the way between processes, so they travel as data. */
export type SummariseReply =
  | { readonly kind: 'summarised'; readonly summary: TableSummary }
  | { readonly kind: 'invalid'; readonly message: string }
  | { readonly kind: 'failed'; readonly message: string };

serveTasks(() => async (request): Promise<SummariseReply> => {
  const { file, options } = request as SummariseRequest;
  try {
    return { kind: 'summarised', summary: await summariseDataset(file, options) };
  } catch (error) {
    if (error instanceof InvalidDatasetError) return { kind: 'invalid', message: error.message };
    return { kind: 'failed', message: error instanceof Error ? error.message : String(error) };
  }
});
