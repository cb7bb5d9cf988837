import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createRandom } from '../../core/random.ts';
import { parseModelCard } from '../../store/model-card.ts';
import { pipelineModels, retrain } from '../../workflows/contract.ts';
import { startInstallation, type TestInstallation } from '../support/installation.ts';
import { outcomesOf } from '../support/scenarios.ts';
import { startTestTemporal, type TestTemporal } from '../support/temporal.ts';

const temporal = await startTestTemporal();
const skip = typeof temporal === 'string' ? temporal : false;
const hooksFile = fileURLToPath(new URL('../../pipelines/fixtures/mean-hooks.ts', import.meta.url));

describe('a pipeline with hooks of its own', { skip }, () => {
  let calmops: TestInstallation;
  before(async () => {
    const sha256 = createHash('sha256')
      .update(await readFile(hooksFile))
      .digest('hex');
    calmops = await startInstallation(
      temporal as TestTemporal,
      {
        name: 'plots',
        target: 'price',
        task: 'regression',
        estimator: { kind: 'hooks' },
        retrain: { mode: 'hooks', fallback: 'hooks' },
      },
      { path: hooksFile, sha256 },
    );
  });
  after(async () => {
    await calmops.stop();
    await (temporal as TestTemporal).stop();
  });

  test('preprocesses, trains and predicts by them', async () => {
    await calmops.drop('one.csv', plots(1, 10));
    const [run] = await outcomesOf(calmops.pipeline, 1);
    assert.equal(run?.outcome, 'trained', run?.reason);
    const { champion } = await calmops.pipeline.query(pipelineModels);
    assert.equal(champion?.model.estimator, 'hooks');
    const card = parseModelCard(await calmops.store.get(champion.model.card.uri));
    assert.ok(
      card.features.some(({ name }) => name === 'area'),
      'the column that preprocess made',
    );
  });

  test('retrains by them, from the champion’s own state', async () => {
    await calmops.drop('two.csv', plots(2, 60));
    const run = (await outcomesOf(calmops.pipeline, 2)).at(-1);
    assert.equal(run?.outcome, 'promoted', run?.reason);
    const { champion } = await calmops.pipeline.query(pipelineModels);
    const text = new TextDecoder().decode(
      await calmops.store.get(champion?.model.artefact.uri ?? ''),
    );
    assert.match(text, /"trainedBy":"retrain"/);
  });

  test('gives the fallback hook its try when the gate refuses, with the reason', async () => {
    await calmops.drop('three.csv', plots(3, 35));
    await outcomesOf(calmops.pipeline, 3);
    await calmops.pipeline.executeUpdate(retrain, { args: [{ by: 'ada', why: 'a test' }] });
    const run = (await outcomesOf(calmops.pipeline, 4)).at(-1);
    const { candidates } = await calmops.pipeline.query(pipelineModels);
    assert.equal(run?.outcome, 'refused', run?.reason);
    const text = new TextDecoder().decode(
      await calmops.store.get(candidates[0]?.artefact.uri ?? ''),
    );
    assert.match(text, /"trainedBy":"fallback: /);
  });
});

/** Plots of land whose price is about a level and has nothing to do with their size. */
function plots(seed: number, level: number): string {
  const random = createRandom(seed);
  const lines = ['width,height,price'];
  for (let i = 0; i < 200; i++) {
    const [width, height] = [10 + random() * 20, 10 + random() * 20];
    lines.push(`${width.toFixed(2)},${height.toFixed(2)},${(level + random() * 4 - 2).toFixed(3)}`);
  }
  return `${lines.join('\n')}\n`;
}
