import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TableSummary } from '../core/drift/summary/table-summary.ts';
import { ProcessEndedError } from '../processes/process-ended.ts';
import { startProcessPool, type ProcessPool } from '../processes/process-pool.ts';
import { InvalidDatasetError } from './invalid-dataset.ts';
import type { ReadOptions } from './read-dataset.ts';
import { readingEnded, readingLimits } from './reading-limits.ts';
import type { SummariseReply, SummariseRequest } from './summarise-process.ts';

/**
 * Summarises two dataset files in child processes, at the same time if both are long. Whatever a file does to its
 * reader, this process goes on.
 * @param options.mostMemoryMb what reading one of the files may take, however large it is
 * @param options.env the environment of the processes; absent: that of this one
 * @throws InvalidDatasetError as `readDataset`, naming the file, and where a file ends its reader
 */
export async function summariseBoth(
  reference: string,
  current: string,
  options: ReadOptions & { readonly mostMemoryMb: number; readonly env?: NodeJS.ProcessEnv },
): Promise<readonly [reference: TableSummary, current: TableSummary]> {
  const areLong =
    (await bytesOf(reference)) >= LONG_BYTES && (await bytesOf(current)) >= LONG_BYTES;
  const { mostMemoryMb, env, ...reading } = options;
  const scratchFolder = await mkdtemp(
    path.join(options.scratchFolder ?? tmpdir(), 'calmops-compare-'),
  );
  const own: ReadOptions = { ...reading, scratchFolder, ...(areLong && { databaseThreads: 1 }) };
  const size = areLong ? 2 : 1;
  const shared = { file: PROCESS_FILE, data: null, ...(env && { env }) };
  const pool = startProcessPool({ ...shared, size, ready: size });
  try {
    const [before, now] = await Promise.allSettled(
      [reference, current].map((file) => summarise(pool, { file, options: own }, mostMemoryMb)),
    );
    return [summaryOf(before), summaryOf(now)];
  } finally {
    await pool.close();
    await rm(scratchFolder, { recursive: true, force: true });
  }
}

/** From this on reading a file takes longer than starting a process. */
const LONG_BYTES = 8 << 20;

/** Run from its sources, a process has to register the TypeScript loader first. */
const PROCESS_FILE = new URL(
  import.meta.url.endsWith('.ts') ? './start-summarise-process.mjs' : './summarise-process.js',
  import.meta.url,
);

/** @returns 0 where the file cannot be looked at: reading it says better what is wrong with it */
async function bytesOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch {
    return 0;
  }
}

async function summarise(
  pool: ProcessPool,
  request: SummariseRequest,
  mostMemoryMb: number,
): Promise<TableSummary> {
  const { file } = request;
  const named = { name: path.basename(file), bytes: await bytesOf(file) };
  try {
    const limits = readingLimits(named, mostMemoryMb);
    const reply = (await pool.run(request, { limits })) as SummariseReply;
    if (reply.kind === 'summarised') return reply.summary;
    if (reply.kind === 'failed') throw new Error(`${file}: ${reply.message}`);
    throw new InvalidDatasetError(`${file}: ${reply.message}`);
  } catch (error) {
    if (!(error instanceof ProcessEndedError)) throw error;
    throw new InvalidDatasetError(`${file}: ${readingEnded(error.end)}`, { cause: error });
  }
}

function summaryOf(result: PromiseSettledResult<TableSummary> | undefined): TableSummary {
  if (result?.status === 'fulfilled') return result.value;
  throw result?.reason;
}
