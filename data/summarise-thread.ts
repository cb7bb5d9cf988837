import { parentPort, workerData } from 'node:worker_threads';
import type { TableSummary } from '../core/drift/summary/table-summary.ts';
import { InvalidDatasetError } from './invalid-dataset.ts';
import { summariseDataset, type ReadOptions } from './read-dataset.ts';

/** What the thread is told when it starts. */
export interface SummariseRequest {
  readonly file: string;
  readonly options: ReadOptions;
}

/** Errors lose their class on the way between threads, so the one that is expected travels as data. */
export type SummariseReply =
  | { readonly kind: 'summarised'; readonly summary: TableSummary }
  | { readonly kind: 'invalid'; readonly message: string };

const { file, options } = workerData as SummariseRequest;
const reply = await summarise();
parentPort?.postMessage(reply, reply.kind === 'summarised' ? arraysOf(reply.summary) : []);

async function summarise(): Promise<SummariseReply> {
  try {
    return { kind: 'summarised', summary: await summariseDataset(file, options) };
  } catch (error) {
    if (!(error instanceof InvalidDatasetError)) throw error;
    return { kind: 'invalid', message: error.message };
  }
}

/** The memory of its arrays, which is handed over rather than copied. */
function arraysOf({ columns, sample }: TableSummary): readonly ArrayBuffer[] {
  const arrays = [
    ...columns.flatMap((column) => (column.kind === 'categorical' ? [] : [column.sample.values])),
    ...sample.columns.map((column) =>
      column.kind === 'categorical' ? column.codes : column.values,
    ),
  ];
  return [...new Set(arrays.map(({ buffer }) => buffer as ArrayBuffer))];
}
