import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { MAX_LABELS } from '../core/drift/summary/category-summary.ts';
import { summariseTable, type TableSummary } from '../core/drift/summary/table-summary.ts';
import { createRandom } from '../core/random.ts';
import type { Column, Table } from '../core/table.ts';
import { readDataset, summariseDataset, type ReadOptions } from './read-dataset.ts';
import { summariseColumns } from './summarise-columns.ts';
import { withTableParquet, writeTableParquet } from './table-parquet.ts';

let folder = '';
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'summarise-'));
});
after(() => rm(folder, { recursive: true, force: true }));

const READING: ReadOptions = {
  format: 'auto',
  csv: { encoding: 'utf-8', quote: '"', missing: ['', 'NA'] },
};

/** Numbers with ties and gaps, times, categories with gaps and odd ones, and a column without values. */
function tableOf(rows: number): Table {
  const random = createRandom(1);
  const draw = (value: (i: number) => number): Float64Array =>
    Float64Array.from({ length: rows }, (_, i) => value(i));
  const dictionary = ['', 'null', 'é', 'z'].sort();
  const columns: readonly Column[] = [
    { kind: 'numeric', name: 'x', values: draw(() => random() - 0.5) },
    { kind: 'numeric', name: 'gaps', values: draw(() => (random() < 0.1 ? NaN : random())) },
    { kind: 'numeric', name: 'few', values: draw(() => Math.floor(4 * random())) },
    { kind: 'time', name: 'at', values: draw((i) => 1.7e12 + 1000 * i) },
    { kind: 'numeric', name: 'none', values: draw(() => NaN) },
    {
      kind: 'categorical',
      name: 'level',
      dictionary,
      codes: Int32Array.from({ length: rows }, () => Math.floor(5 * random()) - 1),
    },
  ];
  return { rows, columns };
}

/** The rows with texts for categories: samples of equal rows may have dictionaries that differ. */
function withTexts(summary: TableSummary): unknown {
  const sample = summary.sample.columns.map((column) =>
    column.kind === 'categorical'
      ? Array.from(column.codes, (code) => column.dictionary[code] ?? null)
      : column.values,
  );
  return { ...summary, sample };
}

for (const rows of [1, 3000, 20_000, 600_000]) {
  test(`a stored table of ${rows} rows is summarised as if it had been read`, async () => {
    const table = tableOf(rows);
    const file = path.join(folder, `${rows}.parquet`);
    await writeTableParquet(table, file);
    const summary = await withTableParquet(file, summariseColumns);
    assert.deepEqual(withTexts(summary), withTexts(summariseTable(table)));
  });
}

test('a text file is summarised as it is read, infinite numbers as missing', async () => {
  const file = path.join(folder, 'text.csv');
  await writeFile(file, 'x,y,when\n1,a,2024-01-01\ninf,NA,2024-01-02\n3,b,\n');
  const summary = await summariseDataset(file, READING);
  const table = await readDataset(file, READING);
  assert.deepEqual(withTexts(summary), withTexts(summariseTable(table)));
  assert.equal(summary.columns[0]?.missing, 1);
});

test('rows that repeat an earlier one are counted, those that only resemble one are not', async () => {
  const rows = 100;
  const text = Array.from({ length: rows }, (_, i) => `${i % 50},${i % 25},${i < 60 ? 'a' : i}`);
  const file = path.join(folder, 'repeated.csv');
  await writeFile(file, `x,y,level\n${text.join('\n')}\n`);
  const summary = await summariseDataset(file, READING);
  assert.equal(summary.repeatedRows, 10);
  assert.equal(summariseTable(await readDataset(file, READING)).repeatedRows, 10);
});

/** Of more than 1 MiB. */
const LONG = 60_000;

test('a long text file is summarised as it is read, and nothing of it is left behind', async () => {
  const scratchFolder = path.join(folder, 'scratch-long');
  await mkdir(scratchFolder);
  const random = createRandom(2);
  const lines = Array.from({ length: LONG }, (_, i) => {
    const level = ['a', 'b b', ' c ', 'NA'][i % 4] ?? '';
    return `${i % 7 === 0 ? 'NA' : random()},${level},${i},2024-01-0${1 + (i % 9)}`;
  });
  const file = path.join(folder, 'long.csv');
  await writeFile(file, `x,level,i,day\n${lines.join('\n')}\n`);
  const reading = { ...READING, scratchFolder };
  const summary = await summariseDataset(file, reading);
  const table = await readDataset(file, reading);
  assert.equal(table.rows, LONG);
  assert.deepEqual(
    Array.from((table.columns[2] as { values: Float64Array }).values),
    Array.from(lines.keys()),
  );
  assert.deepEqual(withTexts(summary), withTexts(summariseTable(table)));
  assert.deepEqual(await readdir(scratchFolder), []);
});

test('nothing is left behind of a long text file that cannot be used', async () => {
  const scratchFolder = path.join(folder, 'scratch-broken');
  await mkdir(scratchFolder);
  const lines = Array.from({ length: LONG }, (_, i) => `${i},some text to make it long`);
  const file = path.join(folder, 'broken.csv');
  await writeFile(file, `x,level\n${lines.join('\n')}\n1,2,3\n`);
  await assert.rejects(summariseDataset(file, { ...READING, scratchFolder }), {
    name: 'InvalidDatasetError',
    message: new RegExp(`line ${LONG + 2} has 3 fields, the header has 2`),
  });
  assert.deepEqual(await readdir(scratchFolder), []);
});

test('of a column of texts the most frequent ones are kept, and the others counted', async () => {
  const extra = 50;
  const labels = Array.from({ length: MAX_LABELS + extra }, (_, i) => `id ${i}`);
  const file = path.join(folder, 'texts.csv');
  await writeFile(file, `id\nid 7\nid 8\n${labels.join('\n')}\n`);
  const summary = await summariseDataset(file, READING);
  const [column] = summary.columns;
  assert.ok(column?.kind === 'categorical');
  assert.equal(column.labels.length, MAX_LABELS);
  assert.equal(column.counts[column.labels.indexOf('id 7')], 2);
  assert.deepEqual(column.others, { labels: extra, values: extra });
  assert.deepEqual(
    { labels: column.labels.length, others: column.others },
    {
      labels: MAX_LABELS,
      others: (summariseTable(await readDataset(file, READING)).columns[0] as typeof column).others,
    },
  );
});

test('a file without rows is refused, as by reading it', async () => {
  const file = path.join(folder, 'empty.csv');
  await writeFile(file, 'x,y\n');
  await assert.rejects(summariseDataset(file, READING), {
    name: 'InvalidDatasetError',
    message: /2 columns and no rows/,
  });
});
