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
  type RunSummary,
} from '../../workflows/contract.ts';
import { startInstallation, type TestInstallation } from '../support/installation.ts';
import { loans } from '../support/loans.ts';
import { outcomesOf } from '../support/scenarios.ts';
import { startTestTemporal, type TestTemporal } from '../support/temporal.ts';

const temporal = await startTestTemporal();
const skip = typeof temporal === 'string' ? temporal : false;

const YAML = {
  name: 'loans',
  target: 'defaulted',
  estimator: { kind: 'logistic' },
  retrain: { on: 'never' },
};
const ROWS = 400;
const TRAINED = 280;
const ASKED = { by: 'ada', why: 'a test' };

describe('a champion of the old world, and a file of the new one', { skip }, () => {
  let calmops: TestInstallation;
  let runs = 0;
  before(async () => {
    calmops = await startInstallation(temporal as TestTemporal, YAML);
    for (const [name, world] of [
      ['one', 'old'],
      ['two', 'old'],
      ['three', 'new'],
    ] as const) {
      runs += 1;
      await calmops.drop(`${name}.csv`, loans(world, runs, { rows: ROWS }));
      await outcomesOf(calmops.pipeline, runs);
    }
  });
  after(async () => {
    await calmops.stop();
    await (temporal as TestTemporal).stop();
  });

  for (const mode of [...RETRAIN_MODES, 'auto'] as const) {
    test(`are brought together by the mode '${mode}'`, async () => {
      const { run, card } = await retrainedIn({ mode });
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

  test('are brought together by the fallback when the gate refuses the mode', async () => {
    const { run, card } = await retrainedIn({ mode: 'window', window: 60, fallback: 'full' });
    assert.equal(card.mode, run.outcome === 'promoted' ? card.mode : 'full', run.reason);
  });

  /** Retrains on the newest file in a mode, and goes back to the champion of the old world. */
  async function retrainedIn(
    options: Readonly<Record<string, unknown>>,
  ): Promise<{ readonly run: RunSummary; readonly card: ModelCard }> {
    const { pipeline, folder, store } = calmops;
    const yaml = { files: { folder }, ...YAML, retrain: { ...YAML.retrain, ...options } };
    const config = { ...pipelineSchema.parse(yaml), hooks: null };
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
    return { run, card: parseModelCard(await store.get(model.card.uri)) };
  }
});
