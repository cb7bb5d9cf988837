import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { RETRAIN_MODES } from '../../core/models/retrain/modes.ts';
import { pipelineSchema } from '../../pipelines/schema.ts';
import { parseModelCard, type ModelCard } from '../../store/model-card.ts';
import {
  configure,
  pipelineModels,
  pipelineStatus,
  retrain,
  rollback,
  type Candidate,
  type RunSummary,
} from '../../workflows/contract.ts';
import {
  startInstallation,
  type PipelineYaml,
  type TestInstallation,
} from '../support/installation.ts';
import { loans } from '../support/loans.ts';
import { outcomesOf } from '../support/scenarios.ts';
import { startTestTemporal, type TestTemporal } from '../support/temporal.ts';
import { weather } from '../support/weather.ts';

const temporal = await startTestTemporal();
const skip = typeof temporal === 'string' ? temporal : false;
after(async () => {
  if (typeof temporal !== 'string') await temporal.stop();
});

const ROWS = 400;
const TRAINED = 280;
const ASKED = { by: 'ada', why: 'a test' };

describe('a champion of the old world, and a file of the new one', { skip }, () => {
  const yaml = {
    name: 'loans',
    target: 'defaulted',
    estimator: { kind: 'logistic' },
    retrain: { on: 'never' },
  };
  let world: World;
  before(async () => {
    world = await worldOf(yaml, [
      loans('old', 1, { rows: ROWS }),
      loans('old', 2, { rows: ROWS }),
      loans('new', 3, { rows: ROWS }),
    ]);
  });
  after(() => world.stop());

  for (const mode of [...RETRAIN_MODES, 'auto'] as const) {
    test(`are brought together by the mode '${mode}'`, async () => {
      const { run, card } = await world.retrainedIn({ mode });
      const notes = card.notes?.join(' ') ?? '';
      if (mode === 'auto') {
        assert.equal(card.askedMode, 'auto');
        assert.ok((card.modesTried?.scores.length ?? 0) > 3, notes);
      } else if (card.mode !== mode) {
        // No correction can mend a model that looks at the wrong column.
        assert.deepEqual([mode, card.mode], ['recalibration', 'full'], notes);
      }
      assert.ok(['promoted', 'refused'].includes(run.outcome), run.reason);
      const files = card.knows?.map(({ fileName }) => fileName);
      if (mode === 'window') assert.deepEqual(files, ['one.csv', 'two.csv', 'three.csv']);
      if (mode === 'window') assert.equal(card.trainedOn.rows, 2 * ROWS + TRAINED);
      if (mode === 'replay') assert.deepEqual(files, ['one.csv', 'three.csv']);
      if (mode === 'full') assert.deepEqual(files, ['three.csv']);
      if (mode === 'full') assert.equal(run.outcome, 'promoted', run.reason);
    });
  }

  test('are tried to be brought together by the fallback too when the gate refuses the mode', async () => {
    const retraining = { mode: 'window', fallback: 'full' };
    // More than any model can be better by.
    const gate = { minImprovement: { accuracy: 0.99 } };
    const { run, card, candidates } = await world.retrainedIn(retraining, { gate });
    assert.equal(run.outcome, 'refused', run.reason);
    assert.equal(card.mode, 'full');
    const modes = candidates.slice(0, 2).map(({ mode }) => mode);
    assert.deepEqual(modes, ['full', 'window'], 'the newest first');
  });
});

describe('a champion of mild days, and the numbers of a harsh one', { skip }, () => {
  const yaml = {
    name: 'weather',
    target: 'temperature',
    timeColumn: 'at',
    estimator: { kind: 'linear' },
    retrain: { on: 'never' },
  };
  let world: World;
  before(async () => {
    world = await worldOf(yaml, [weather('mild', 1), weather('mild', 2), weather('harsh', 3)]);
  });
  after(() => world.stop());

  test('are brought together by a window of time', async () => {
    const { run, card } = await world.retrainedIn({ mode: 'window', window: '12h' });
    assert.deepEqual([card.task, card.mode], ['regression', 'window']);
    // The newest row that is trained on is .7 days into the third day.
    assert.ok(Math.abs(card.trainedOn.rows - ROWS / 2) <= 2, `${card.trainedOn.rows} rows`);
    assert.equal(run.outcome, 'promoted', run.reason);
    assert.match(run.reason, /R²|RMSE|MAE|error/i);
  });

  test('are brought together by the mode that does best on the newest rows', async () => {
    const { run, card } = await world.retrainedIn({ mode: 'auto' });
    assert.equal(card.askedMode, 'auto');
    const tried = card.modesTried;
    assert.ok(tried !== undefined && tried.scores.length > 3);
    const chosen = tried.scores.find(({ mode }) => mode === card.mode);
    assert.ok(chosen !== undefined && chosen.behind <= chosen.standardError, card.notes?.join(' '));
    assert.equal(run.outcome, 'promoted', run.reason);
  });
});

/** A pipeline whose champion is of the first of three files, and that is asked to retrain on the last. */
interface World {
  /** Retrains on the newest file in a mode, and goes back to the first champion. */
  retrainedIn(
    options: Readonly<Record<string, unknown>>,
    more?: Readonly<Record<string, unknown>>,
  ): Promise<{
    readonly run: RunSummary;
    readonly card: ModelCard;
    readonly candidates: readonly Candidate[];
  }>;
  stop(): Promise<void>;
}

async function worldOf(
  yaml: PipelineYaml & { readonly retrain: Readonly<Record<string, unknown>> },
  files: readonly [string, string, string],
): Promise<World> {
  const calmops: TestInstallation = await startInstallation(temporal as TestTemporal, yaml);
  const { pipeline, folder, store } = calmops;
  let runs = 0;
  for (const name of ['one', 'two', 'three']) {
    await calmops.drop(`${name}.csv`, files[runs] ?? '');
    runs += 1;
    await outcomesOf(pipeline, runs);
  }
  return {
    stop: () => calmops.stop(),
    retrainedIn: async (options, more = {}) => {
      const asked = {
        files: { folder },
        ...yaml,
        retrain: { ...yaml.retrain, ...options },
        ...more,
      };
      const config = { ...pipelineSchema.parse(asked), hooks: null };
      const { champion: before } = await pipeline.query(pipelineStatus);
      await pipeline.executeUpdate(configure, { args: [{ ...ASKED, config }] });
      await pipeline.executeUpdate(retrain, { args: [ASKED] });
      runs += 1;
      const run = (await outcomesOf(pipeline, runs)).at(-1);
      assert.ok(run !== undefined);
      const { champion, candidates } = await pipeline.query(pipelineModels);
      const model = run.outcome === 'promoted' ? champion?.model : candidates[0];
      assert.ok(model !== undefined, run.reason);
      if (champion?.model.id !== before?.model.id) {
        await pipeline.executeUpdate(rollback, { args: [ASKED] });
      }
      return { run, card: parseModelCard(await store.get(model.card.uri)), candidates };
    },
  };
}
