import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { RETRAIN_MODES, type RetrainMode } from '../../core/models/retrain/modes.ts';
import type { Table } from '../../core/table.ts';
import type { PipelineConfig } from '../../pipelines/schema.ts';
import { computeIn, environmentIn } from '../../test/support/in-process.ts';
import { retrainingsIn, ROWS, TRAINED, type Retrainings } from '../../test/support/retrainings.ts';
import { compareModels } from '../models/compare-models.ts';
import type { Environment } from '../environment.ts';
import { openModel } from '../models/models.ts';
import { trainOnThreads } from './train-on-threads.ts';
import { findSources, newFileOf, trainingData } from './training-data.ts';

describe('retraining', () => {
  let folder: string;
  let environment: Environment;
  let { history, retrained, ingest, record } = {} as Retrainings;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'calmops-modes-'));
    environment = environmentIn(folder);
    ({ history, retrained, ingest, record } = retrainingsIn(folder, environment));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  for (const mode of RETRAIN_MODES) {
    for (const task of ['classes', 'numbers'] as const) {
      test(`of ${task} in the mode '${mode}' gives a model that predicts, and says how it was made`, async () => {
        const past = await history(task, { retrain: { mode } });
        const { challenger, card } = await retrained(past, mode);
        const [used, asked] = [card.mode, card.askedMode];
        const why = card.notes?.join(' ') ?? '';
        if (mode === 'recalibration') {
          assert.ok(used === mode || /No correction/.test(why), why);
        } else {
          assert.deepEqual([used, asked], [mode, undefined], why);
        }
        const model = await openModel(challenger, past.config, environment.store);
        const file = await newFileOf(past.input(mode), environment);
        const said = model.predict(file.table);
        assert.ok((said.kind === 'regression' ? said.values : said.labels).length === ROWS);
        assert.equal(card.parent, past.champion.id);
        const { config, champion } = past;
        const compared = { config, dataset: past.newest, champion, challenger };
        const comparison = await compareModels(compared, environment);
        assert.equal(comparison.rows, ROWS - TRAINED);
      });
    }
  }

  test('learns from as many rows as the mode is told to', async () => {
    const past = await history('classes', {
      retrain: { files: 3, window: 500, replayShare: 0.5 },
    });
    const rowsOf = async (mode: RetrainMode): Promise<number> =>
      (await retrained(past, mode)).card.trainedOn.rows;
    assert.equal(await rowsOf('full'), TRAINED + 2 * ROWS, 'this file and two before it');
    assert.equal(await rowsOf('window'), 500);
    assert.equal(await rowsOf('replay'), TRAINED * 1.5);
  });

  test('reads a window of time over files', async () => {
    const past = await history('numbers', {
      timeColumn: 'at',
      retrain: { mode: 'window', window: '36h' },
    });
    const { card } = await retrained(past, 'window');
    // The newest row that is trained on is .7 days into the fourth day: 36 hours before is .2 into the third.
    assert.ok(Math.abs(card.trainedOn.rows - 1.5 * ROWS) <= 2, `${card.trainedOn.rows} rows`);
  });

  test('never learns from a row that champion and challenger are compared on', async () => {
    const past = await history('classes', { retrain: { files: 3 } });
    for (const mode of RETRAIN_MODES) {
      const input = past.input(mode);
      const file = await newFileOf(input, environment);
      const sources = await findSources(mode, input, file, environment);
      const { table, learn } = await trainingData(mode, sources, input, file, environment);
      const held = new Set(Array.from(file.holdout, (row) => rowText(file.table, row)));
      assert.equal(held.size, ROWS - TRAINED, 'rows are told apart by their content');
      assert.ok(!learn.some((row) => held.has(rowText(table, row))), mode);
    }
  });

  test('compares no models on a file that one of them knows by heart', async () => {
    const past = await history('classes', { retrain: { files: 3 } });
    const { challenger: champion } = await retrained(past, 'full');
    const again = past.earlier.at(-1);
    assert.ok(again !== undefined);
    const parent = { ...past, champion, newest: again, sequence: 5 };
    const { challenger } = await retrained(parent, 'full');
    await assert.rejects(
      compareModels({ ...past, dataset: again, champion, challenger }, environment),
      {
        name: 'NotEnoughDataError',
        message: /no row of loans-3\.csv is left to compare .* trained on all of them/,
      },
    );
  });

  test('does again compare on a file that was split as it is now', async () => {
    const past = await history('classes', {});
    const { challenger: champion } = await retrained(past, 'full');
    const second = { ...past, champion, sequence: 5 };
    const { challenger } = await retrained(second, 'window');
    const compared = { ...past, dataset: past.newest, champion, challenger };
    assert.equal((await compareModels(compared, environment)).rows, ROWS - TRAINED);
    const config = { ...past.config, seed: 2 };
    await assert.rejects(
      compareModels({ ...compared, config }, environment),
      /others of them than are held out now/,
    );
  });

  test('gives way to a mode that can be used, and says why', async () => {
    const past = await history('classes', { estimator: { kind: 'baseline' } });
    const { card } = await retrained(past, 'incremental');
    assert.deepEqual([card.mode, card.askedMode], ['full', 'incremental']);
    assert.match(card.notes?.[0] ?? '', /cannot go on learning.*'full' was used instead/);
  });

  test('goes on from what a lineage was trained on, one file after another', async () => {
    const past = await history('classes', { retrain: { mode: 'replay', reservoir: 50 } });
    const first = await retrained(past, 'replay');
    assert.equal(first.card.trainedOn.rows, TRAINED + 50);
    const last = await ingest('classes', 5, past.config);
    const second = await retrained(
      { ...past, champion: first.challenger, newest: last, sequence: 5 },
      'replay',
    );
    assert.deepEqual(
      second.card.knows?.map(({ fileName }) => fileName),
      ['loans-1.csv', 'loans-4.csv', 'loans-5.csv'],
    );
    const other = await retrained(past, 'replay');
    assert.equal(other.challenger.artefact.sha256, first.challenger.artefact.sha256);
  });

  test('says what it does while a mode is planned that starts from the champion', async () => {
    const past = await history('classes', {});
    for (const [mode, expected] of [
      ['incremental', 'the champion goes on learning'],
      ['recalibration', 'correcting the champion'],
    ] as const) {
      const notes: string[] = [];
      await trainOnThreads(past.input(mode), computeIn(environment), {
        signal: new AbortController().signal,
        report: ({ note }) => notes.push(note),
      });
      assert.equal(notes[0], expected);
    }
  });

  for (const [estimator, steps] of [
    [{ kind: 'forest', trees: 60 }, 'growTrees'],
    [{ kind: 'boosting', iterations: 20 }, 'boost'],
  ] as const) {
    test(`of a champion's further trees (${estimator.kind}) goes on from those that a killed attempt left, whatever the threads`, async () => {
      const past = await history('classes', { estimator });
      const input = past.input('incremental');
      const expected = await retrained(past, 'incremental', { threads: 5 });
      assert.equal(expected.card.mode, 'incremental');

      const attempt = async (dies: boolean): Promise<readonly [string[], string, string[]]> => {
        const begun: string[] = [];
        const notes: string[] = [];
        const compute = computeIn(environment, {
          onTask: (name) => {
            if (dies && name === 'finishTraining') throw new Error('killed');
            begun.push(name);
          },
        });
        const work = {
          signal: new AbortController().signal,
          report: ({ note }: { readonly note: string }) => notes.push(note),
        };
        const { artefact } = await trainOnThreads(input, compute, work);
        return [begun, artefact.sha256, notes];
      };
      await assert.rejects(attempt(true), /killed/);
      const [begun, sha256, notes] = await attempt(false);
      assert.ok(!begun.includes(steps), 'nothing is left to grow');
      assert.equal(sha256, expected.challenger.artefact.sha256);
      assert.ok(notes.includes('going on from what an earlier attempt left'), notes.join('; '));
    });
  }

  test('of a champion that goes on learning is refused before it begins where memory would not do', async () => {
    const past = await history('classes', { estimator: { kind: 'forest' } });
    const narrow = { ...environment, fitMemory: { megabytes: 0, threads: 2 } };
    await assert.rejects(
      trainOnThreads(past.input('incremental'), computeIn(narrow), {
        signal: new AbortController().signal,
        report: () => undefined,
      }),
      { name: 'NotEnoughMemoryError', message: /^fitting 'forest' to \d+ rows/ },
    );
  });

  test('gives the same stack on any number of threads', async () => {
    const past = await history('classes', {
      estimator: { kind: 'forest', trees: 30 },
      retrain: { mode: 'stacking' },
    });
    const one = await retrained(past, 'stacking', { threads: 1 });
    const many = await retrained(past, 'stacking', { threads: 7 });
    assert.equal(one.card.mode, 'stacking');
    assert.equal(many.challenger.artefact.sha256, one.challenger.artefact.sha256);
  });

  test('says before it starts that the files would not fit into memory', async () => {
    const past = await history('classes', { retrain: { mode: 'full', files: 3 } });
    const narrow = { ...environment, fitMemory: { megabytes: 0, threads: 1 } };
    const compute = computeIn(narrow);
    await assert.rejects(
      trainOnThreads(past.input('full'), compute, {
        signal: new AbortController().signal,
        report: () => undefined,
      }),
      {
        name: 'InvalidPipelineError',
        message: /bringing together 3 files takes about 1 MB, more than the 0 MB .*retrain\.files/,
      },
    );
  });

  test('lets rows count as much as the weight column says, and never learns from it', async () => {
    const past = await history('numbers', { weightColumn: 'sun' });
    const { card } = await retrained(past, 'full');
    assert.deepEqual(
      card.features.map(({ name }) => name),
      ['wind', 'station'],
    );
    const unweighted = await history('numbers', { ignore: ['sun'] });
    const other = await retrained(unweighted, 'full');
    assert.notEqual(other.card.artefact.sha256, card.artefact.sha256);
  });

  test('gives hooks the rows of earlier files where the mode asks for them', async () => {
    const hooks = path.join(folder, 'hooks.ts');
    await writeFile(
      hooks,
      'export default { train: (data) => data.rows, predict: (_, data) => new Float64Array(data.rows) };\n',
    );
    const past = await history('numbers', {});
    const config: PipelineConfig = {
      ...past.config,
      estimator: { kind: 'hooks' },
      hooks: { path: hooks, sha256: 'a'.repeat(64) },
    };
    for (const day of [1, 2, 3])
      await record(await ingest('numbers', day, config), 4 + day, config);
    const newest = await ingest('numbers', 4, config);
    const { challenger, card } = await retrained(
      { ...past, config, newest, sequence: 8 },
      'window',
    );
    assert.equal(card.trainedOn.rows, 3 * ROWS + TRAINED);
    const bytes = await environment.store.get(challenger.artefact.uri);
    assert.match(new TextDecoder().decode(bytes), new RegExp(`"state":${3 * ROWS + TRAINED}`));
  });
});

function rowText({ columns }: Table, row: number): string {
  return columns
    .map((column) =>
      column.kind === 'categorical'
        ? (column.dictionary[column.codes[row] ?? -1] ?? '')
        : column.values[row],
    )
    .join();
}
