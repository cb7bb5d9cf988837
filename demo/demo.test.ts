import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, unlink, watch, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { loadPipelines } from '../pipelines/load-pipeline.ts';
import { formatProblems } from '../pipelines/problem.ts';
import { startDemoFeed } from './feed.ts';
import { weatherFiles } from './weather-files.ts';

const NAMES = ['seattle', 'new-york'].flatMap((place) =>
  [2012, 2013, 2014, 2015].map((year) => `${place}-${year}.csv`),
);

it('the demo pipelines are valid', async () => {
  const loaded = await loadPipelines(fileURLToPath(new URL('./pipelines', import.meta.url)));
  assert.equal(loaded.length, 1);
  for (const pipeline of loaded) {
    assert.ok(
      pipeline.kind === 'valid',
      pipeline.kind === 'invalid' ? formatProblems(pipeline.problems) : '',
    );
    assert.equal(pipeline.config.name, 'weather');
  }
});

describe('the files of the demo', () => {
  it("are four years of Seattle's weather, then four of New York's", async () => {
    assert.deepEqual(
      (await weatherFiles()).map(({ name }) => name),
      NAMES,
    );
  });

  it('have a header and one row for each day of the year', async () => {
    for (const { name, content } of await weatherFiles()) {
      const [header, ...rows] = content.trimEnd().split('\n');
      assert.equal(header, 'date,precipitation,temp_max,temp_min,wind,weather');
      const year = /\d{4}/.exec(name)?.[0] ?? '';
      assert.equal(rows.length, year === '2012' ? 366 : 365, name);
      assert.ok(rows.every((row) => row.startsWith(`${year}-`) && row.split(',').length === 6));
    }
  });
});

describe('the feed of the demo', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'calmops-demo-'));
  });

  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  it('drops every file, whole and under its own name', async () => {
    const inner = join(folder, 'made', 'by', 'it');
    await startDemoFeed({ folder: inner, everyMs: 1, signal: new AbortController().signal });
    assert.deepEqual((await readdir(inner)).sort(), [...NAMES].sort());
    for (const { name, content } of await weatherFiles()) {
      assert.equal(await readFile(join(inner, name), 'utf8'), content);
    }
  });

  it('goes on where it was stopped', async () => {
    const stop = new AbortController();
    const changes = watch(folder, { signal: AbortSignal.timeout(10_000) });
    const feed = startDemoFeed({ folder, everyMs: 60_000, signal: stop.signal });
    for await (const { filename } of changes) if (filename === NAMES[0]) break;
    stop.abort();
    await feed;
    assert.deepEqual(await readdir(folder), [NAMES[0]]);

    await startDemoFeed({ folder, everyMs: 1, signal: new AbortController().signal });
    assert.equal((await readdir(folder)).length, NAMES.length);
  });

  it('leaves alone what is there', async () => {
    const signal = new AbortController().signal;
    await startDemoFeed({ folder, everyMs: 1, signal });
    await unlink(join(folder, 'seattle-2014.csv'));
    await writeFile(join(folder, 'new-york-2012.csv'), 'edited by hand');
    await startDemoFeed({ folder, everyMs: 1, signal });
    assert.equal(await readFile(join(folder, 'new-york-2012.csv'), 'utf8'), 'edited by hand');
    assert.equal((await readdir(folder)).length, NAMES.length);
  });
});
