import { createReadStream, createWriteStream } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { sqlString, withDatabase } from '../../data/duckdb.ts';

const MOST_DRAWN = 1_000_000;

/** How large a file is, and of which columns it is made. */
export interface DriftShape {
  readonly rows: number;
  readonly floats: number;
  readonly integers: number;
  readonly categories: number;
}

export const FORMATS = ['csv', 'parquet'] as const;
export type Format = (typeof FORMATS)[number];

/** The reference and the current file of one shape, by format. */
export type DriftFiles = Readonly<Record<Format, readonly [reference: string, current: string]>>;

/**
 * Writes a reference and a current file, in both formats. Floats are normal and lognormal in turn, with six digits
 * after the point; integers are uniform below 1000; categories have 12 levels. Of each kind the first column has
 * drifted. The same numbers every time: they are hashes of row and column. Beyond a million rows, the first million
 * is repeated. They are on the disk when this returns: writing them out is not a part of what is measured next.
 * @param folder existing, absolute
 */
export async function writeDriftFiles(folder: string, shape: DriftShape): Promise<DriftFiles> {
  const reference = await writeFile(folder, shape, 'reference');
  const current = await writeFile(folder, shape, 'current');
  const files: DriftFiles = {
    csv: [`${reference}.csv`, `${current}.csv`],
    parquet: [`${reference}.parquet`, `${current}.parquet`],
  };
  for (const file of FORMATS.flatMap((format) => files[format])) await writeOut(file);
  return files;
}

async function writeOut(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function writeFile(
  folder: string,
  { rows, floats, integers, categories }: DriftShape,
  side: 'reference' | 'current',
): Promise<string> {
  const isCurrent = side === 'current';
  const uniform = (stream: number): string =>
    `(CAST(hash(i, ${stream}, ${sqlString(side)}) >> 11 AS DOUBLE) / 9007199254740992)`;
  const normal = (stream: number): string =>
    `sqrt(-2 * ln(1 - ${uniform(stream)})) * cos(2 * pi() * ${uniform(stream + 1)})`;
  const isDrifted = (k: number): boolean => isCurrent && k === 0;
  const columns = [
    ...Array.from({ length: floats }, (_, k) => {
      const value = `${normal(2 * k)} + ${isDrifted(k) ? 0.2 : 0}`;
      return `round(${k % 2 === 0 ? value : `exp(${value})`}, 6) AS f${k + 1}`;
    }),
    ...Array.from({ length: integers }, (_, k) => {
      const value = uniform(1_000_000 + k);
      return `CAST(floor(1000 * ${isDrifted(k) ? `pow(${value}, 1.2)` : value}) AS INTEGER) AS i${k + 1}`;
    }),
    ...Array.from({ length: categories }, (_, k) => {
      const value = uniform(2_000_000 + k);
      return `concat('level ', CAST(floor(12 * pow(${value}, ${isDrifted(k) ? 1.5 : 2})) AS INTEGER)) AS c${k + 1}`;
    }),
  ];
  const base = path.join(folder, `${side}-${rows}x${columns.length}`);
  await withDatabase({ folder }, async (connection) => {
    const write = (from: string, to: string, options: string): Promise<unknown> =>
      connection.run(`COPY (${from}) TO ${sqlString(to)} (${options})`);
    const drawn = Math.min(rows, MOST_DRAWN);
    const times = rows / drawn;
    const first = times === 1 ? base : `${base}.first`;
    await write(
      `SELECT ${columns.join(', ')} FROM range(${drawn}) AS data(i)`,
      `${first}.parquet`,
      'FORMAT parquet, COMPRESSION zstd',
    );
    const parquet = sqlString(`${first}.parquet`);
    await write(`SELECT * FROM read_parquet(${parquet})`, `${first}.csv`, 'FORMAT csv, HEADER');
    if (times === 1) return;
    const files = Array.from({ length: times }, () => parquet).join(', ');
    await write(
      `SELECT * FROM read_parquet([${files}])`,
      `${base}.parquet`,
      'FORMAT parquet, COMPRESSION zstd',
    );
    await repeatText(`${first}.csv`, `${base}.csv`, times);
    await Promise.all(FORMATS.map((format) => rm(`${first}.${format}`)));
  });
  return base;
}

/** Writes the rows of a text file so many times, under one header. */
async function repeatText(file: string, to: string, times: number): Promise<void> {
  const header = await headerLength(file);
  async function* repeated(): AsyncIterable<Buffer> {
    for (let k = 0; k < times; k++) {
      yield* createReadStream(file, { start: k === 0 ? 0 : header }) as AsyncIterable<Buffer>;
    }
  }
  await pipeline(repeated(), createWriteStream(to));
}

async function headerLength(file: string): Promise<number> {
  let length = 0;
  for await (const piece of createReadStream(file)) {
    const end = (piece as Buffer).indexOf('\n');
    if (end >= 0) return length + end + 1;
    length += (piece as Buffer).length;
  }
  return length;
}
