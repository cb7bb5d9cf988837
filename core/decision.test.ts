import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decide, type Action } from './decision.ts';
import {
  BREACH,
  DRIFTED,
  evidence,
  FORCED,
  OPEN,
  performance,
  policy,
  previous,
  WORSE,
  type Case,
} from './fixtures/evidence.ts';

const CASES: readonly Case[] = [
  {
    name: 'a pipeline that only predicts does so, and says what it found',
    given: { predictionOnly: true, performance: WORSE },
    action: 'predict',
    reason:
      'Accuracy fell from 0.86 to 0.71 (p = 2e-9) and none of 8 columns changed; the pipeline only predicts.',
  },
  {
    name: 'nothing found, nothing done',
    given: {},
    action: 'keep',
    reason:
      'Accuracy is 0.86 against 0.86 before (p = 0.5) and none of 8 columns changed; the champion stays.',
  },
  {
    name: 'harm with drift retrains',
    given: { drift: DRIFTED, performance: WORSE },
    action: 'retrain',
    reason:
      'Accuracy fell from 0.86 to 0.71 (p = 2e-9) and 4 of 8 columns changed, most of all nswprice; a challenger is trained.',
  },
  {
    name: 'harm without drift retrains: the concept may have changed',
    given: { performance: WORSE },
    action: 'retrain',
    reason:
      'Accuracy fell from 0.86 to 0.71 (p = 2e-9) and none of 8 columns changed; a challenger is trained.',
  },
  {
    name: 'drift that does no harm is left alone',
    given: { drift: DRIFTED },
    action: 'keep',
    reason:
      'Accuracy is 0.86 against 0.86 before (p = 0.5) and 4 of 8 columns changed, most of all nswprice; the champion stays, since no harm to it is shown.',
  },
  {
    name: 'a breached threshold is harm, however unsure',
    given: { performance: BREACH },
    action: 'retrain',
    reason:
      'Accuracy is 0.69 against 0.71 before (p = 0.3), below its threshold of 0.70 and none of 8 columns changed; a challenger is trained.',
  },
  {
    name: 'on performance, a breached threshold retrains',
    given: { performance: BREACH },
    on: 'performance',
    action: 'retrain',
    reason:
      'Accuracy is 0.69 against 0.71 before (p = 0.3), below its threshold of 0.70 and none of 8 columns changed; a challenger is trained.',
  },
  {
    name: 'on performance, a drop that breaches no threshold does not',
    given: { performance: WORSE },
    on: 'performance',
    action: 'keep',
    reason:
      'Accuracy fell from 0.86 to 0.71 (p = 2e-9) and none of 8 columns changed; the champion stays, since no threshold is breached.',
  },
  {
    name: 'on drift, drift retrains without harm',
    given: { drift: { ...DRIFTED, materialCount: 1, material: ['nswprice'] } },
    on: 'drift',
    action: 'retrain',
    reason:
      'Accuracy is 0.86 against 0.86 before (p = 0.5) and 1 of 8 columns changed: nswprice; a challenger is trained.',
  },
  {
    name: 'on drift, harm without drift does not',
    given: { performance: WORSE },
    on: 'drift',
    action: 'keep',
    reason:
      'Accuracy fell from 0.86 to 0.71 (p = 2e-9) and none of 8 columns changed; the champion stays, since only drift retrains it.',
  },
  {
    name: 'on any, drift alone retrains',
    given: { drift: DRIFTED },
    on: 'any',
    action: 'retrain',
    reason:
      'Accuracy is 0.86 against 0.86 before (p = 0.5) and 4 of 8 columns changed, most of all nswprice; a challenger is trained.',
  },
  {
    name: 'on any, harm alone retrains',
    given: { performance: WORSE },
    on: 'any',
    action: 'retrain',
    reason:
      'Accuracy fell from 0.86 to 0.71 (p = 2e-9) and none of 8 columns changed; a challenger is trained.',
  },
  {
    name: 'on never, nothing retrains or rolls back',
    given: { performance: WORSE, drift: DRIFTED, previous: previous('promote') },
    on: 'never',
    action: 'keep',
    reason:
      'Accuracy fell from 0.86 to 0.71 (p = 2e-9) and 4 of 8 columns changed, most of all nswprice; the champion stays, since this pipeline never retrains by itself.',
  },
  {
    name: 'a harmed champion gives way to a previous model that is better',
    given: { performance: WORSE, previous: previous('promote') },
    action: 'rollback',
    reason:
      'Accuracy fell from 0.86 to 0.71 (p = 2e-9) and none of 8 columns changed; the previous model takes over again, being better on this file (accuracy 0.81 against 0.71).',
  },
  {
    name: 'a challenger that was better beside the champion on its last file takes over, harm or not',
    given: { shadow: previous('promote') },
    action: 'promote',
    reason:
      'Accuracy is 0.86 against 0.86 before (p = 0.5) and none of 8 columns changed; the challenger that ran beside the champion takes over (accuracy 0.81 against 0.71).',
  },
  {
    name: 'a challenger that was no better beside the champion decides nothing',
    given: { shadow: previous('undecided') },
    action: 'keep',
    reason:
      'Accuracy is 0.86 against 0.86 before (p = 0.5) and none of 8 columns changed; the champion stays.',
  },
  {
    name: 'retraining that is due waits while it rests, and says why',
    given: { performance: WORSE, resting: 'retraining rests for 2 files' },
    action: 'withhold',
    reason:
      'Accuracy fell from 0.86 to 0.71 (p = 2e-9) and none of 8 columns changed; retraining is due but withheld, since retraining rests for 2 files.',
  },
  {
    name: 'what rests does not withhold what a person asks for',
    given: { performance: WORSE, resting: 'retraining rests', forced: FORCED },
    action: 'retrain',
    reason: 'ann asked for a retraining (new sensor).',
  },
  {
    name: 'a champion that holds stays, though the previous model does better',
    given: { previous: previous('promote') },
    action: 'keep',
    reason:
      'Accuracy is 0.86 against 0.86 before (p = 0.5) and none of 8 columns changed; the champion stays.',
  },
  {
    name: 'a previous model that is not shown to be better does not come back',
    given: { performance: WORSE, previous: previous('undecided') },
    action: 'retrain',
    reason:
      'Accuracy fell from 0.86 to 0.71 (p = 2e-9) and none of 8 columns changed; a challenger is trained.',
  },
  {
    name: 'the open breaker withholds a retraining that is due',
    given: { performance: WORSE, breaker: OPEN },
    action: 'withhold',
    reason:
      'Accuracy fell from 0.86 to 0.71 (p = 2e-9) and none of 8 columns changed; retraining is due but withheld, since the breaker is open (3 challengers were refused in a row).',
  },
  {
    name: 'the open breaker does not withhold a rollback',
    given: { performance: WORSE, breaker: OPEN, previous: previous('promote') },
    action: 'rollback',
    reason:
      'Accuracy fell from 0.86 to 0.71 (p = 2e-9) and none of 8 columns changed; the previous model takes over again, being better on this file (accuracy 0.81 against 0.71).',
  },
  {
    name: 'the open breaker is not in the way when nothing is due',
    given: { breaker: OPEN },
    action: 'keep',
    reason:
      'Accuracy is 0.86 against 0.86 before (p = 0.5) and none of 8 columns changed; the champion stays.',
  },
  {
    name: 'the half-open breaker lets a probe through',
    given: { performance: WORSE, breaker: { kind: 'half-open', coolDownMs: 1 } },
    action: 'retrain',
    reason:
      'Accuracy fell from 0.86 to 0.71 (p = 2e-9) and none of 8 columns changed; a challenger is trained as a probe of the half-open breaker.',
  },
  {
    name: 'a person’s request retrains whatever the numbers say',
    given: { forced: FORCED },
    on: 'never',
    action: 'retrain',
    reason: 'ann asked for a retraining (new sensor).',
  },
  {
    name: 'a person’s request goes through the open breaker, and says so',
    given: { forced: FORCED, breaker: OPEN },
    action: 'retrain',
    reason: 'ann asked for a retraining (new sensor), although the breaker is open.',
  },
];

for (const { name, given, on, action, reason } of CASES) {
  test(name, () => {
    assert.deepEqual(decide(evidence(given), policy(on)), { action, reason });
  });
}

test('the test of performance spends half of the file’s false-alarm rate', () => {
  const at = (pValue: number): Action =>
    decide(evidence({ performance: performance(0.86, 0.8, pValue) }), policy('harm', 0.05)).action;
  assert.equal(at(0.025), 'retrain');
  assert.equal(at(0.0251), 'keep');
});

test('a loss that rose while the metric did not fall is no harm', () => {
  const { action } = decide(
    evidence({ performance: performance(0.86, 0.87, 1e-6) }),
    policy('harm'),
  );
  assert.equal(action, 'keep');
});
