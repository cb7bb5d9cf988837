import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { INTERNAL } from '../fuzz/fuzz-files.ts';
import { tried, type FaultCase } from './fault-case.ts';
import { HOSTILE_INPUTS } from './hostile-inputs.ts';
import { lyingBook } from './hostile-book.ts';
import { runCompare, type Compared } from './run-compare.ts';

/** What a hostile file may take, in processor seconds and MB of all processes. */
const MOST = { cpuSeconds: 60, memoryMb: 1200 } as const;

const FIXTURES = fileURLToPath(new URL('../../../test/fixtures/faults/', import.meta.url));

/** A file of the faults that were found, what it did then, and whether it is a table after all. */
export interface FaultFile {
  readonly name: string;
  readonly before: string;
  readonly isTable?: boolean;
  readonly make: (place: string) => Promise<void>;
}

const fixture =
  (name: string) =>
  (place: string): Promise<void> =>
    copyFile(path.join(FIXTURES, name), place);

const text =
  (content: () => string | Buffer) =>
  (place: string): Promise<void> =>
    writeFile(place, content());

const nested = (open: string, close: string, depth: number): string =>
  `[{"a":${open.repeat(depth)}1${close.repeat(depth)}}]`;

/** The files of the faults, by the number that each had. */
export const FAULT_FILES: readonly FaultFile[] = [
  {
    name: '1-objects.json',
    before:
      '#1: 20,000 nested objects, segmentation fault of the whole process, again at each restart',
    make: text(() => nested('{"b":', '}', 20_000)),
  },
  {
    name: '1-lists.json',
    before: '#1: 60,000 nested lists, segmentation fault',
    make: text(() => nested('[', ']', 60_000)),
  },
  {
    name: '1-open.json',
    before: '#1: 500,000 open lists after a good record, segmentation fault',
    make: text(() => `[{"a":1},{"a":${'['.repeat(500_000)}`),
  },
  { name: '2-memory.xls', before: '#2: 2.7 GB, abort', make: fixture('memory.xls') },
  { name: '3-endless.xls', before: '#3: not ended after 20 min', make: fixture('endless.xls') },
  ...[1, 2, 3].map((k) => ({
    name: `7-beyond-page-${k}.parquet`,
    before: '#7: another table at each read, with memory of the process in it',
    make: fixture(`beyond-page-${k}.parquet`),
  })),
  {
    name: '8-count.xlsx',
    before: '#8: 2,958 MB by a false count of entries',
    make: text(() => lyingBook(1_000_000, { count: 0 })),
  },
  {
    name: '8-method.xlsx',
    before: '#8: 2,973 MB by a false method of packing',
    make: text(() => lyingBook(1_000_000, { storedByDirectory: true })),
  },
  {
    name: '8-repeated-rows.xlsx',
    before: '#8: OpenDocument of 727 bytes, 1.5 GB and rising after 100 s',
    make: fixture('repeated-rows.xlsx'),
  },
  {
    name: '12-keys.jsonl',
    before: '#12: 1,000 keys in 5.1 s, 10,000 not done after 300 s',
    isTable: true,
    make: fixture('keys.jsonl'),
  },
  {
    name: '12-columns.csv',
    before: '#12: 10,000 columns of text by 60 rows, out of memory, retried',
    isTable: true,
    make: text(() => {
      const line = (of: (j: number) => string): string =>
        Array.from({ length: 10_000 }, (_, j) => of(j)).join();
      const rows = Array.from({ length: 60 }, (_, i) => line((j) => `v${(i * j) % 9}`));
      return [line((j) => `c${j}`), ...rows].join('\n');
    }),
  },
  {
    name: '13-path.parquet',
    before: '#13: the reason names a path of working files',
    make: fixture('path.parquet'),
  },
  {
    name: '14-nul-key.jsonl',
    before: '#14: our SQL in the reason, 5 attempts',
    make: fixture('nul-key.jsonl'),
  },
  {
    name: '14-date-twice.arff',
    before: '#14: “Duplicate capture group name”, 5 attempts',
    make: fixture('date-twice.arff'),
  },
  {
    name: '14-rows-otherwise.parquet',
    before: '#14: another number of rows than it says, a plain error with a path, 5 attempts',
    make: fixture('rows-otherwise.parquet'),
  },
  {
    name: '15-name.arff',
    before: '#15: a name of 3 MB, “activity Heartbeat timeout” after 3 min',
    make: text(() => `@relation r\n@attribute ${'v'.repeat(3_000_000)} x\n@data\n1\n`),
  },
  {
    name: '15-values.arff',
    before: '#15: a list of 1.5 MB, “Failure exceeds size limit”',
    make: text(() => {
      const values = Array.from({ length: 50 }, (_, k) => `${'v'.repeat(30_000)}${k}`);
      return `@relation r\n@attribute a {${values.join()}}\n@data\nzzz\n`;
    }),
  },
  {
    name: '20-blank.csv',
    before: '#20: 2 MB of blank lines, “the file is empty”',
    make: text(() => `${'\n'.repeat(2_000_000)}a,b\n1,2\n`),
  },
  {
    name: '20-cell.csv',
    before: '#20: a cell of 10 MB, “The Parallel CSV Reader currently does not support …”',
    make: text(() => `a,b\n1,${'x'.repeat(10_000_000)}\n`),
  },
];

/**
 * `calmops compare` of each file: it has to end with 1 and words that tell nothing internal, or with a table's result, within
 * 60 processor seconds and 1.2 GB of all its processes.
 * @param folder where files are made, one at a time, and the home of the command is
 */
export function compareCases(folder: string): readonly FaultCase[] {
  const files: readonly FaultFile[] = [
    ...FAULT_FILES,
    ...HOSTILE_INPUTS.map(({ name, what, make }) => ({
      name,
      make,
      before: `new: a file ${what}`,
    })),
  ];
  const ofFaults = new Set(FAULT_FILES);
  return files.map((file) => ({
    name: `compare ${file.name}`,
    before: file.before,
    run: async () => {
      const compared = await compareOnce(folder, file);
      const isExpected = ofFaults.has(file)
        ? compared.code === (file.isTable === true ? 2 : 1)
        : compared.code === 1 || compared.code === 2;
      return tried(isExpected && isBearable(compared), wordsOf(compared));
    },
  }));
}

async function compareOnce(folder: string, { name, make }: FaultFile): Promise<Compared> {
  const place = path.join(folder, 'hostile');
  await mkdir(place, { recursive: true });
  const file = path.join(place, name);
  const sound = path.join(folder, 'sound.csv');
  await writeFile(sound, `a,b\n${'1,2\n3,4\n'.repeat(50)}`);
  await make(file);
  const environment = {
    ...process.env,
    CALMOPS_HOME: path.join(folder, 'home'),
    CALMOPS_LOGS: path.join(folder, 'logs'),
  };
  try {
    return await runCompare(sound, file, environment);
  } finally {
    await rm(file);
  }
}

function isBearable({ code, error, cpuSeconds, memoryMb }: Compared): boolean {
  const isSaid = code !== 1 || (error !== '' && error.length <= 1200 && !INTERNAL.test(error));
  return isSaid && cpuSeconds <= MOST.cpuSeconds && memoryMb <= MOST.memoryMb;
}

const SHOWN_LENGTH = 140;

function wordsOf({ code, error, seconds, cpuSeconds, memoryMb }: Compared): string {
  const said = error.replace(/^\S*\/hostile\//, '').replaceAll(/[\s|]+/g, ' ');
  const words = code === 2 ? 'a table' : said.slice(0, SHOWN_LENGTH);
  return `${code ?? 'hung'}; ${seconds.toFixed(0)} s, ${cpuSeconds.toFixed(0)} s of processor, ${memoryMb.toFixed(0)} MB: ${words}`;
}
