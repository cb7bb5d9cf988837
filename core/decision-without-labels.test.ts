import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decide } from './decision.ts';
import {
  DRIFTED,
  estimated,
  evidence,
  FORCED,
  NO_CHAMPION,
  UNLABELLED,
  policy,
  type Case,
} from './fixtures/evidence.ts';

const CASES: readonly Case[] = [
  {
    name: 'the first labelled file trains the first model',
    given: NO_CHAMPION,
    action: 'train',
    reason: 'There is no model yet; the first one is trained.',
  },
  {
    name: 'a first file without labels waits for one with labels',
    given: { ...NO_CHAMPION, labelled: false },
    action: 'withhold',
    reason: 'There is no model yet, and a first one needs labels: this file has none.',
  },
  {
    name: 'a pipeline that only predicts trains no first model by itself',
    given: { ...NO_CHAMPION, predictionOnly: true },
    action: 'withhold',
    reason: 'There is no model yet, and the pipeline only predicts: it trains none itself.',
  },
  {
    name: 'a person may ask for a first model even then',
    given: { ...NO_CHAMPION, predictionOnly: true, forced: FORCED },
    action: 'train',
    reason: 'ann asked for a first model (new sensor).',
  },
  {
    name: 'no request trains a first model without labels',
    given: { ...NO_CHAMPION, labelled: false, forced: FORCED },
    action: 'withhold',
    reason: 'There is no model yet, and a first one needs labels: this file has none.',
  },
  {
    name: 'a file without labels is predicted, and says what drifted',
    given: { ...UNLABELLED, drift: DRIFTED },
    on: 'any',
    action: 'predict',
    reason:
      'The file has no labels; 4 of 8 columns changed, most of all nswprice; the champion predicts; labels are needed to retrain.',
  },
  {
    name: 'a file without labels says why the champion is not estimated on it',
    given: {
      ...UNLABELLED,
      estimated: { kind: 'not estimated', reason: '90 rows were held out, 100 are needed' },
    },
    action: 'predict',
    reason:
      'The file has no labels; how well the champion does on it could not be estimated (90 rows were held out, 100 are needed) and none of 8 columns changed; the champion predicts.',
  },
  {
    name: 'drift without labels asks for none where only harm retrains',
    given: { ...UNLABELLED, drift: DRIFTED },
    action: 'predict',
    reason:
      'The file has no labels; 4 of 8 columns changed, most of all nswprice; the champion predicts.',
  },
  {
    name: 'a champion that is credibly worse by estimate asks for labels',
    given: { ...UNLABELLED, estimated: estimated(0.71, 0.001) },
    action: 'predict',
    reason:
      'The file has no labels; estimated accuracy fell to 0.71 (0.68 to 0.74) from 0.78 when it was chosen and none of 8 columns changed; the champion predicts; labels are needed to retrain.',
  },
  {
    name: 'an estimate that chance explains asks for nothing',
    given: { ...UNLABELLED, estimated: estimated(0.71, 0.2) },
    action: 'predict',
    reason:
      'The file has no labels; estimated accuracy is 0.71 (0.68 to 0.74) against 0.78 when it was chosen and none of 8 columns changed; the champion predicts.',
  },
  {
    name: 'an estimate whose interval holds the baseline asks for nothing, however sure its test',
    given: { ...UNLABELLED, estimated: estimated(0.77, 1e-9) },
    action: 'predict',
    reason:
      'The file has no labels; estimated accuracy is 0.77 (0.74 to 0.80) against 0.78 when it was chosen and none of 8 columns changed; the champion predicts.',
  },
  {
    name: 'a pipeline that never retrains asks for no labels',
    given: { ...UNLABELLED, estimated: estimated(0.71, 0.001) },
    on: 'never',
    action: 'predict',
    reason:
      'The file has no labels; estimated accuracy fell to 0.71 (0.68 to 0.74) from 0.78 when it was chosen and none of 8 columns changed; the champion predicts.',
  },
  {
    name: 'a request does not retrain on a file without labels',
    given: { ...UNLABELLED, forced: FORCED },
    action: 'predict',
    reason:
      'The file has no labels; none of 8 columns changed; the champion predicts, and the retraining that ann asked for waits for labels.',
  },
  {
    name: 'a file without labels and without a drift report is predicted',
    given: { ...UNLABELLED, drift: null },
    action: 'predict',
    reason: 'The file has no labels; the champion predicts.',
  },
];

for (const { name, given, on, action, reason } of CASES) {
  test(name, () => {
    assert.deepEqual(decide(evidence(given), policy(on)), { action, reason });
  });
}

test('the test of the estimate spends the half of the performance test, which is not asked then', () => {
  const wants = (pValue: number): boolean =>
    decide(
      evidence({ ...UNLABELLED, estimated: estimated(0.71, pValue) }),
      policy('harm', 0.05),
    ).reason.endsWith('labels are needed to retrain.');
  assert.equal(wants(0.025), true);
  assert.equal(wants(0.0251), false);
});
