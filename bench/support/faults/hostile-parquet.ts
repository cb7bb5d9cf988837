import { readFile, rm, writeFile } from 'node:fs/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import type { HostileInput } from './hostile-inputs.ts';
import { thriftNumbers, withLargest, withNumber, type ThriftNumber } from './thrift-numbers.ts';

const TAIL_BYTES = 8;
const SOUND = `SELECT i AS a, 'n' || i % 97 AS b FROM range(3000) t(i)`;
const ONE_VALUE = (rows: number, columns: number): string =>
  `SELECT ${Array.from({ length: columns }, (_, j) => `1 AS c${j}`).join()} FROM range(${rows})`;

/** Where a footer says what, by the ids of the fields in parquet.thrift. */
const PLACES = {
  rows: '/3',
  groupRows: '/4/[]/3',
  groupBytes: '/4/[]/2',
  values: '/4/[]/1/[]/3/5',
  packedBytes: '/4/[]/1/[]/3/7',
  dataOffset: '/4/[]/1/[]/3/9',
  dictionaryOffset: '/4/[]/1/[]/3/11',
  codec: '/4/[]/1/[]/3/4',
  kind: '/2/[]/1',
  children: '/2/[]/5',
} as const;

/** Of a page's header. */
const PAGE_PLACES = { unpacked: '/2', packed: '/3', values: '/5/1' } as const;

/** Parquet files whose parts are sound one by one and lie about each other. */
export const hostileParquet: readonly HostileInput[] = [
  ...Object.entries(PLACES).flatMap(([name, path]) =>
    [2n ** 40n, -1n].map((value) => ({
      name: `${name}${value < 0n ? '-negative' : ''}.parquet`,
      what: `whose footer says ${value} for ${name}`,
      make: (place: string) => lie(place, (footer) => changed(footer, path, value)),
    })),
  ),
  ...Object.entries(PAGE_PLACES).map(([name, path]) => ({
    name: `page-${name}.parquet`,
    what: `whose page says too much for ${name}`,
    make: (place: string) => lieInPage(place, path),
  })),
  {
    name: 'one-value.parquet',
    what: 'of 49 million rows of one value in 5 columns',
    make: (place) => write(place, ONE_VALUE(49_000_000, 5)),
  },
  {
    name: 'rows.parquet',
    what: 'of 60 million rows of one value',
    make: (place) => write(place, ONE_VALUE(60_000_000, 1)),
  },
  {
    name: 'long-texts.parquet',
    what: 'of 5,000 rows that share one text of 1 MB',
    make: (place) => write(place, `SELECT repeat('x', 1000000) AS a FROM range(5000)`),
  },
  {
    name: 'long-name.parquet',
    what: 'with a column whose name has a megabyte',
    make: (place) => write(place, `SELECT 1 AS "${'n'.repeat(1_000_000)}"`),
  },
  {
    name: 'nested.parquet',
    what: 'of lists in lists in lists',
    make: (place) => write(place, `SELECT [[[{'a': [1]}]]] AS a, MAP {'k': 1} AS b FROM range(10)`),
  },
];

async function lie(place: string, change: (footer: Buffer) => Buffer): Promise<void> {
  await write(place, SOUND);
  const bytes = await readFile(place);
  const end = bytes.length - TAIL_BYTES;
  const start = end - bytes.readUInt32LE(end);
  const footer = change(bytes.subarray(start, end));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(footer.length);
  await writeFile(place, [bytes.subarray(0, start), footer, length, bytes.subarray(end + 4)]);
}

function changed(footer: Buffer, path: string, value: bigint): Buffer {
  return withNumber(footer, numberAt(footer, path), value);
}

async function lieInPage(place: string, path: string): Promise<void> {
  await write(place, SOUND);
  const bytes = await readFile(place);
  // The first page follows the signature.
  const page = bytes.subarray(4);
  const lying = withLargest(page, numberAt(page, path));
  await writeFile(place, [bytes.subarray(0, 4), lying]);
}

function numberAt(bytes: Buffer, path: string): ThriftNumber {
  const found = thriftNumbers(bytes).find((number) => number.path === path);
  if (found === undefined) throw new Error(`the structure has no number at ${path}`);
  return found;
}

async function write(place: string, query: string): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  try {
    await rm(place, { force: true });
    const options = 'FORMAT parquet, PARQUET_VERSION v1, COMPRESSION zstd';
    await connection.run(`COPY (${query}) TO '${place}' (${options})`);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
