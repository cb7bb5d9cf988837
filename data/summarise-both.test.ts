import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { createRandom } from '../core/random.ts';
import { InvalidDatasetError } from './invalid-dataset.ts';
import { summariseDataset, type ReadOptions } from './read-dataset.ts';
import { summariseBoth } from './summarise-both.ts';

let folder = '';
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'both-'));
});
after(() => rm(folder, { recursive: true, force: true }));

const READING: ReadOptions = {
  format: 'auto',
  csv: { encoding: 'utf-8', quote: '"', missing: ['', 'NA'] },
};

const COMPARING = { ...READING, mostMemoryMb: 2048 };

async function write(name: string, text: string): Promise<string> {
  const file = path.join(folder, name);
  await writeFile(file, text);
  return file;
}

/** Of more than 8 MiB, from where on both are read at the same time. */
function longText(seed: number, last = ''): string {
  const random = createRandom(seed);
  const lines = Array.from(
    { length: 250_000 },
    (_, i) => `${random()},${i},2024-01-0${1 + (i % 9)}`,
  );
  return `x,i,day\n${lines.join('\n')}\n${last}`;
}

async function areAsOneByOne(one: string, other: string): Promise<void> {
  const [before, now] = await summariseBoth(one, other, COMPARING);
  assert.deepEqual(before, await summariseDataset(one, READING));
  assert.deepEqual(now, await summariseDataset(other, READING));
}

test('two files are summarised each as by itself, whatever their formats', async () => {
  const text = await write('first.csv', 'x,y\n1,a\n2,b\n');
  const arff = await write('second.arff', '@relation r\n@attribute x numeric\n@data\n1\n');
  await areAsOneByOne(text, arff);
  await areAsOneByOne(arff, text);
});

test('so are two long files, at the same time, and nothing of them is left behind', async () => {
  const one = await write('long.csv', longText(1));
  const other = await write('longer.csv', longText(2));
  await areAsOneByOne(one, other);
  const scratchFolder = path.join(folder, 'scratch-long');
  await mkdir(scratchFolder);
  await summariseBoth(one, other, { ...COMPARING, scratchFolder });
  assert.deepEqual(await readdir(scratchFolder), []);
});

test('one that cannot be used is named, the first of two, and nothing is left of either', async () => {
  const scratchFolder = path.join(folder, 'scratch-two');
  await mkdir(scratchFolder);
  const good = await write('good.csv', 'x,y\n1,a\n');
  const broken = await write('ragged.csv', 'x,y\n1\n');
  const empty = await write('rowless.csv', 'x,y\n');
  const long = await write('long.csv', longText(1));
  const brokenLong = await write('ragged-long.csv', longText(1, '1\n'));
  for (const [one, other, named] of [
    [broken, good, broken],
    [good, broken, broken],
    [empty, good, empty],
    [empty, broken, empty],
    [long, brokenLong, brokenLong],
    [brokenLong, long, brokenLong],
    [good, path.join(folder, 'none.csv'), path.join(folder, 'none.csv')],
  ] as const) {
    await assert.rejects(
      summariseBoth(one, other, { ...COMPARING, scratchFolder }),
      (error) => error instanceof InvalidDatasetError && error.message.startsWith(`${named}: `),
    );
    assert.deepEqual(await readdir(scratchFolder), []);
  }
});
