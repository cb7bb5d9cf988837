import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { serialize } from 'node:v8';
import { RETRAIN_MODES, type RetrainMode } from '../core/models/retrain/modes.ts';
import type { Table } from '../core/table.ts';
import { pipelineSchema, type PipelineConfig } from '../pipelines/schema.ts';
import type { ModelCard } from '../store/model-card.ts';
import { computeIn, environmentIn, ingested } from '../test/support/in-process.ts';
import { loans } from '../test/support/loans.ts';
import { weather } from '../test/support/weather.ts';
import { summaryHead, type Dataset, type ModelRef } from '../workflows/contract.ts';
import type { TrialResult } from './backtest.ts';
import { compareModels } from './compare-models.ts';
import { recordDataset } from './earlier-datasets.ts';
import type { Environment } from './environment.ts';
import { cardOf } from './lineage.ts';
import { openModel } from './models.ts';
import { trainOnThreads } from './train-on-threads.ts';
import { findSources, newFileOf, trainingData } from './training-data.ts';

const ROWS = 300;
const TRAINED = 210;
const AUTO = {
  retrain: { mode: 'auto', auto: { modes: ['full', 'incremental', 'window'], files: 3 } },
};

describe('retraining', () => {
  let folder: string;
  let environment: Environment;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'calmops-modes-'));
    environment = environmentIn(folder);
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
        const comparison = await compareModels(
          { ...past, dataset: past.newest, challenger },
          environment,
        );
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

  test('tries out modes for auto and takes the cheapest that is as good as the best', async () => {
    const past = await history('classes', AUTO);
    const { card } = await retrained(past, 'auto');
    assert.equal(card.askedMode, 'auto');
    assert.deepEqual(
      card.modesTried?.scores.map(({ mode }) => mode),
      ['incremental', 'full', 'window'],
    );
    assert.match(card.notes?.[0] ?? '', new RegExp(`'${card.mode}'`));
  });

  test('does not repeat the trials that an attempt at auto had finished when it was killed', async () => {
    const past = await history('classes', AUTO);
    const before: string[] = [];
    await assert.rejects(
      retrained(past, 'auto', {
        onTask: (name) => {
          if (name !== 'tryMode') return;
          if (before.length === 5) throw new Error('killed');
          before.push(name);
        },
      }),
      /killed/,
    );
    const [work = ''] = await readdir(path.join(folder, 'checkpoints'));
    const kept = await environment.checkpoints.read(work);
    assert.equal(kept.size, before.length);
    const mark: TrialResult = { kind: 'left out', reason: 'as the checkpoint says' };
    await environment.checkpoints.keep(work, 'window-0', serialize(mark), 1);
    const { card } = await retrained(past, 'auto');
    assert.deepEqual(card.modesTried?.leftOut, [{ mode: 'window', reason: mark.reason }]);
    assert.deepEqual(await readdir(path.join(folder, 'checkpoints')), []);
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

  test('searches for parameters, and after a kill goes on from the fits that were made', async () => {
    const past = await history('classes', {
      estimator: { kind: 'forest', trees: 5 },
      search: { method: 'grid', grid: { maxDepth: [1, 6] }, cv: 2 },
    });
    const made: string[] = [];
    await assert.rejects(
      retrained(past, 'full', {
        onTask: (name) => {
          if (name === 'prepareFit') throw new Error('killed');
          if (name === 'searchTrial') made.push(name);
        },
      }),
      /killed/,
    );
    assert.equal(made.length, 6, 'the pipeline’s own parameters and two others, in two folds');
    const again: string[] = [];
    const { card } = await retrained(past, 'full', { onTask: (name) => again.push(name) });
    assert.ok(!again.includes('searchTrial'));
    assert.deepEqual([card.search?.made, card.search?.outOfTime], [6, false]);
    assert.match(
      card.notes?.join(' ') ?? '',
      /By cross-validation .* did best \(accuracy 0\.\d+\)/,
    );
    assert.equal(card.importances?.[0]?.feature, 'income', 'which decides in the new world');
  });

  test('of a search that was broken off, nothing is left to one for other parameters', async () => {
    const searching = (maxDepth: readonly number[]): Record<string, unknown> => ({
      estimator: { kind: 'forest', trees: 5 },
      search: { method: 'grid', grid: { maxDepth }, cv: 2 },
    });
    const past = await history('classes', searching([1, 6]));
    await assert.rejects(
      retrained(past, 'full', {
        onTask: (name) => {
          if (name === 'prepareFit') throw new Error('killed');
        },
      }),
      /killed/,
    );
    const { config } = await history('classes', searching([6, 1]));
    const made: string[] = [];
    await retrained({ ...past, config }, 'full', { onTask: (name) => made.push(name) });
    assert.equal(made.filter((name) => name === 'searchTrial').length, 6);
  });

  test('of a search says once why another mode was used', async () => {
    const past = await history('classes', { estimator: { kind: 'baseline' } });
    const config: PipelineConfig = {
      ...past.config,
      ...pipelineSchema.parse({
        ...{ files: { folder }, name: 'loans', target: 'defaulted' },
        ...{ estimator: { kind: 'forest', trees: 5 } },
        search: { method: 'grid', grid: { maxDepth: [1] }, cv: 2 },
      }),
    };
    const { card } = await retrained({ ...past, config }, 'incremental');
    const notes = card.notes ?? [];
    assert.deepEqual([card.mode, notes.length], ['full', 2], notes.join('\n'));
    assert.match(notes[0] ?? '', /cannot go on learning/);
    assert.match(notes[1] ?? '', /By cross-validation/);
  });

  test('for auto never tries a mode on rows that the champion was trained on', async () => {
    const past = await history('classes', AUTO);
    const { challenger: champion } = await retrained(past, 'full');
    const { card } = await retrained({ ...past, champion, sequence: 5 }, 'auto');
    assert.equal(card.mode, 'full');
    assert.deepEqual(card.modesTried?.scores, []);
    assert.match(card.notes?.[0] ?? '', /^No mode could be tried on recent files/);
  });

  test('for auto tries modes on files that came after those that the champion knows', async () => {
    const past = await history('classes', {
      retrain: { mode: 'auto', auto: { modes: ['full'], files: 4 } },
    });
    const [, , third] = past.earlier;
    assert.ok(third !== undefined);
    const { challenger: champion } = await retrained(
      { ...past, newest: third, sequence: 3 },
      'full',
    );
    const tried: unknown[] = [];
    await retrained({ ...past, champion }, 'auto', {
      onTask: (name, input) => name === 'tryMode' && tried.push(input),
    });
    assert.equal(tried.length, 1, 'of the new file alone: the second came before the third');
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

  interface Past {
    readonly config: PipelineConfig;
    readonly champion: ModelRef;
    readonly earlier: readonly Dataset[];
    readonly newest: Dataset;
    readonly sequence: number;
    readonly input: (mode: PipelineConfig['retrain']['mode']) => TrainInput;
  }

  /** A champion of the first of four files; the second and third were kept, the fourth just arrived. */
  async function history(
    task: 'classes' | 'numbers',
    yaml: Readonly<Record<string, unknown>>,
  ): Promise<Past> {
    const defaults =
      task === 'classes'
        ? { name: 'loans', target: 'defaulted', estimator: { kind: 'logistic' } }
        : { name: 'weather', target: 'temperature', estimator: { kind: 'linear' } };
    const config: PipelineConfig = {
      ...pipelineSchema.parse({ files: { folder }, ...defaults, ...yaml }),
      hooks: null,
    };
    const earlier = [];
    for (const day of [1, 2, 3]) {
      const dataset = await ingest(task, day, config);
      await record(dataset, day, config);
      earlier.push(dataset);
    }
    const newest = await ingest(task, 4, config);
    const [first = newest] = earlier;
    const input = { config, dataset: first, parent: null, mode: 'full', refusal: null } as const;
    const champion = await train(input);
    return {
      config,
      champion,
      earlier,
      newest,
      sequence: 4,
      input: (mode) => ({
        config,
        dataset: newest,
        parent: champion,
        mode,
        refusal: null,
        sequence: 4,
      }),
    };
  }

  function ingest(
    task: 'classes' | 'numbers',
    day: number,
    config: PipelineConfig,
  ): Promise<Dataset> {
    return task === 'classes'
      ? ingested(
          `loans-${day}.csv`,
          loans(day < 4 ? 'old' : 'new', day, { rows: ROWS }),
          config,
          environment,
        )
      : ingested(
          `weather-${day}.csv`,
          weather(day < 4 ? 'mild' : 'harsh', day, { rows: ROWS }),
          config,
          environment,
        );
  }

  async function retrained(
    { config, champion, newest, sequence }: Omit<Past, 'input'>,
    mode: PipelineConfig['retrain']['mode'],
    options: Parameters<typeof computeIn>[1] = {},
  ): Promise<{ readonly challenger: ModelRef; readonly card: ModelCard }> {
    const input = { config, dataset: newest, parent: champion, mode, refusal: null, sequence };
    const challenger = await train(input, options);
    return { challenger, card: await cardOf(challenger, environment.store) };
  }

  function train(
    input: TrainInput,
    options: Parameters<typeof computeIn>[1] = {},
  ): Promise<ModelRef> {
    return trainOnThreads(input, computeIn(environment, options), {
      signal: new AbortController().signal,
      report: () => undefined,
    });
  }

  async function record(dataset: Dataset, sequence: number, config: PipelineConfig): Promise<void> {
    const file = {
      name: dataset.fileName,
      path: dataset.fileName,
      sha256: dataset.sha256,
      bytes: 1,
      arrivedAt: '2026-01-01T00:00:00.000Z',
    };
    await recordDataset(
      {
        pipeline: config.name,
        file,
        dataset,
        summary: { ...summaryHead(config.name, file, 0, sequence), finishedAt: file.arrivedAt },
      },
      environment.store,
    );
  }
});

type TrainInput = Parameters<typeof trainOnThreads>[0];

function rowText({ columns }: Table, row: number): string {
  return columns
    .map((column) =>
      column.kind === 'categorical'
        ? (column.dictionary[column.codes[row] ?? -1] ?? '')
        : column.values[row],
    )
    .join();
}
