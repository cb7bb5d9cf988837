/** The entry of a process that reads and summarises fuzzed files, one at a time, as a compute process does. */
import { createHash } from 'node:crypto';
import { shareDatabases } from '../../../data/duckdb.ts';
import { InvalidDatasetError } from '../../../data/invalid-dataset.ts';
import { readDataset, summariseDataset } from '../../../data/read-dataset.ts';
import { pipelineSchema } from '../../../pipelines/schema.ts';
import { serveTasks } from '../../../processes/serve-tasks.ts';

export interface FuzzRequest {
  readonly file: string;
  readonly isReadTwice: boolean;
}

/** What came of a file. */
export type FuzzOutcome =
  | { readonly kind: 'table'; readonly digest: string }
  | { readonly kind: 'invalid'; readonly message: string }
  | { readonly kind: 'error'; readonly message: string };

export interface FuzzReply {
  readonly read: FuzzOutcome;
  readonly summarised: FuzzOutcome;
  /** where it was read twice */
  readonly again: FuzzOutcome | null;
  /** most of the process so far */
  readonly memoryMb: number;
}

const { files } = pipelineSchema.parse({ name: 'x', files: { folder: 'x' }, target: 'y' });

serveTasks((data) => {
  const scratchFolder = data as string;
  shareDatabases({ folders: [scratchFolder], spillFolder: scratchFolder });
  const options = { format: 'auto', csv: files.csv, scratchFolder } as const;
  return async (request): Promise<FuzzReply> => {
    const { file, isReadTwice } = request as FuzzRequest;
    const read = await outcomeOf(() => readDataset(file, options));
    const summarised = await outcomeOf(() => summariseDataset(file, options));
    const again = isReadTwice ? await outcomeOf(() => readDataset(file, options)) : null;
    const memoryMb = Math.round(process.resourceUsage().maxRSS / 1024);
    return { read, summarised, again, memoryMb };
  };
});

async function outcomeOf(use: () => Promise<object>): Promise<FuzzOutcome> {
  try {
    return { kind: 'table', digest: digestOf(await use()) };
  } catch (error) {
    if (error instanceof InvalidDatasetError) return { kind: 'invalid', message: error.message };
    return {
      kind: 'error',
      message: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
    };
  }
}

/** Of all that an object of plain data and typed arrays holds. */
function digestOf(result: object): string {
  const hash = createHash('sha256');
  const add = (value: unknown): void => {
    if (ArrayBuffer.isView(value)) {
      hash.update(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, each] of Object.entries(value)) {
        hash.update(`${key}:`);
        add(each);
      }
    } else hash.update(`${typeof value} ${String(value)};`);
  };
  add(result);
  return hash.digest('hex');
}
