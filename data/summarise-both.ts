import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import type { TableSummary } from '../core/drift/summary/table-summary.ts';
import { InvalidDatasetError } from './invalid-dataset.ts';
import { summariseDataset, type ReadOptions } from './read-dataset.ts';
import type { SummariseReply, SummariseRequest } from './summarise-thread.ts';

/**
 * Summarises two dataset files at the same time, the second one in a thread of its own if both are long.
 * @throws InvalidDatasetError as `readDataset`, naming the file; both are closed by then
 */
export async function summariseBoth(
  reference: string,
  current: string,
  options: ReadOptions,
): Promise<readonly [reference: TableSummary, current: TableSummary]> {
  const areLong = (await isLong(reference)) && (await isLong(current));
  const own: ReadOptions = areLong ? { ...options, databaseThreads: 1 } : options;
  const before = naming(reference, summariseDataset(reference, own));
  const now = naming(
    current,
    areLong ? summariseInThread(current, own) : summariseDataset(current, own),
  );
  await Promise.allSettled([before, now]);
  return Promise.all([before, now]);
}

/** From this on reading a file takes longer than starting a thread. */
const LONG_BYTES = 8 << 20;

async function isLong(file: string): Promise<boolean> {
  try {
    return (await stat(file)).size >= LONG_BYTES;
  } catch {
    // Reading it says better what is wrong with it.
    return false;
  }
}

async function naming<T>(file: string, result: Promise<T>): Promise<T> {
  try {
    return await result;
  } catch (error) {
    if (!(error instanceof InvalidDatasetError)) throw error;
    throw new InvalidDatasetError(`${file}: ${error.message}`, { cause: error });
  }
}

/** Run from its sources, a thread has to register the TypeScript loader first. */
const THREAD_FILE = import.meta.url.endsWith('.ts')
  ? './start-summarise-thread.mjs'
  : './summarise-thread.js';

/** Of a thread that makes little but arrays, which lie outside of it; at Node's default it takes 20 MB more. */
const YOUNG_MB = 4;

async function summariseInThread(file: string, options: ReadOptions): Promise<TableSummary> {
  const request: SummariseRequest = { file, options };
  const thread = new Worker(new URL(THREAD_FILE, import.meta.url), {
    workerData: request,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
  });
  const [reply] = (await once(thread, 'message')) as [SummariseReply];
  if (reply.kind === 'invalid') throw new InvalidDatasetError(reply.message);
  return reply.summary;
}
