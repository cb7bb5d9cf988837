import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BreakerState } from './breaker.ts';
import { decide, type Action, type Evidence, type RetrainOn } from './decision.ts';
import type { Degradation, MetricVote } from './drift/rules/calmops-performance.ts';
import type { Comparison, MetricName, Performance } from './models/evaluation.ts';

type Drift = NonNullable<Evidence['drift']>;

const STILL: Drift = { materialCount: 0, material: [], testedColumns: 8, insufficient: 0 };
const DRIFTED: Drift = {
  materialCount: 4,
  material: ['nswprice', 'vicprice', 'transfer', 'class'],
  testedColumns: 8,
  insufficient: 0,
};

function performance(
  before: number,
  now: number,
  pValue: number,
  breached: Performance['breached'] = [],
  name: MetricName = 'accuracy',
): Performance {
  const evaluation = (value: number): Performance['current'] => ({
    rows: 1000,
    primary: { name, value, low: value, high: value },
    metrics: { [name]: value },
    loss: { mean: 1 - value, variance: 0.2 },
  });
  const isError = name === 'rmse' || name === 'mae' || name === 'logLoss';
  return {
    current: evaluation(now),
    baseline: evaluation(before),
    pValue,
    drop: isError ? now - before : before - now,
    breached,
  };
}

const FINE = performance(0.86, 0.86, 0.5);
const WORSE = performance(0.86, 0.71, 2e-9);
const BREACH = performance(0.71, 0.69, 0.3, [{ metric: 'accuracy', value: 0.69, threshold: 0.7 }]);

const OPEN: BreakerState = {
  kind: 'open',
  until: 0,
  coolDownMs: 1,
  reason: '3 challengers were refused in a row',
};

function previous(verdict: Comparison['verdict']): Comparison {
  const estimate = (value: number): Comparison['champion'] => ({
    name: 'accuracy',
    value,
    low: value,
    high: value,
  });
  return {
    rows: 1000,
    metric: 'accuracy',
    champion: estimate(0.71),
    challenger: estimate(0.81),
    gain: { value: 0.1, low: 0.05, high: 0.15 },
    margin: 0,
    verdict,
    reason: 'The previous model is better.',
  };
}

const estimated = (value: number, pValue: number): NonNullable<Evidence['estimated']> => ({
  method: 'CBPE',
  rows: 1000,
  metric: { name: 'accuracy', value, low: value - 0.03, high: value + 0.03 },
  baseline: 0.78,
  drop: 0.78 - value,
  pValue,
});

const evidence = (differences: Partial<Evidence> = {}): Evidence => ({
  labelled: true,
  hasChampion: true,
  predictionOnly: false,
  drift: STILL,
  performance: FINE,
  previous: null,
  breaker: { kind: 'closed', failures: 0 },
  forced: null,
  ...differences,
});

const policy = (retrainOn: RetrainOn = 'harm', falseAlarmRate = 0.05) => ({
  retrainOn,
  falseAlarmRate,
});

const FORCED = { by: 'ann', why: 'new sensor' };
const UNLABELLED = { labelled: false, performance: null } as const;
const NO_CHAMPION = { hasChampion: false, drift: null, performance: null } as const;

const CASES: readonly {
  readonly name: string;
  readonly given: Partial<Evidence>;
  readonly on?: RetrainOn;
  readonly action: Action;
  readonly reason: string;
}[] = [
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
  {
    name: 'columns with too few values are mentioned',
    given: { drift: { ...STILL, testedColumns: 1, insufficient: 2 } },
    action: 'keep',
    reason:
      'Accuracy is 0.86 against 0.86 before (p = 0.5) and the one column compared did not change (2 had too few values to compare); the champion stays.',
  },
  {
    name: 'a file of which no column can be compared says that',
    given: { drift: { ...STILL, testedColumns: 0, insufficient: 9 }, performance: null },
    action: 'keep',
    reason: 'No column could be compared (9 had too few values to compare); the champion stays.',
  },
  {
    name: 'without any evidence the champion stays',
    given: { drift: null, performance: null },
    action: 'keep',
    reason: 'Nothing could be compared; the champion stays.',
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

test('the test of the estimate spends the half of the performance test, which is not asked then', () => {
  const wants = (pValue: number): boolean =>
    decide(
      evidence({ ...UNLABELLED, estimated: estimated(0.71, pValue) }),
      policy('harm', 0.05),
    ).reason.endsWith('labels are needed to retrain.');
  assert.equal(wants(0.025), true);
  assert.equal(wants(0.0251), false);
});

test('a loss that rose while the metric did not fall is no harm', () => {
  const { action } = decide(
    evidence({ performance: performance(0.86, 0.87, 1e-6) }),
    policy('harm'),
  );
  assert.equal(action, 'keep');
});

test('an error that rose is said to have risen, in digits that tell the two apart', () => {
  const { reason } = decide(
    evidence({ performance: performance(1234.1, 1239.9, 0, [], 'rmse') }),
    policy(),
  );
  assert.match(reason, /^RMSE rose from 1234 to 1240 \(p < 1e-300\)/);
  const close = decide(evidence({ performance: performance(0.8613, 0.8609, 1e-4) }), policy());
  assert.match(close.reason, /^Accuracy fell from 0\.8613 to 0\.8609 \(p = 1e-4\)/);
});

test('a breached limit of an error is said to be exceeded', () => {
  const breached = [{ metric: 'mae', value: 3.21, threshold: 3 }] as const;
  const { reason } = decide(
    evidence({ performance: performance(2, 2.1, 0.2, breached, 'rmse') }),
    policy(),
  );
  assert.match(reason, /MAE of 3\.2 is above its threshold of 3\.0 and/);
});

const vote = (metric: MetricName, value: number, limit: number, flagged: boolean): MetricVote => ({
  metric,
  value,
  limit,
  flagged,
});

/** Of the voting metrics the first so many miss their threshold of 0.9. */
const byVotes = (missed: number, relative: Degradation['relative'] = null): Degradation => ({
  absolute: {
    votes: [
      vote('accuracy', missed > 0 ? 0.71 : 0.95, 0.9, missed > 0),
      vote('balancedAccuracy', missed > 1 ? 0.68 : 0.94, 0.9, missed > 1),
      vote('f1', missed > 2 ? 0.66 : 0.93, 0.9, missed > 2),
    ],
    degraded: missed > 1,
  },
  relative,
});

const lost = (count: number): NonNullable<Degradation['relative']> => ({
  votes: [
    { ...vote('accuracy', 0.5, 0.56, count > 0), previous: 0.8 },
    { ...vote('f1', 0.52, 0.546, count > 1), previous: 0.78 },
    { ...vote('balancedAccuracy', 0.51, 0.553, count > 2), previous: 0.79 },
  ],
  degraded: count > 1,
});

const RULE_CASES: typeof CASES = [
  {
    name: 'by the rule of CalmOps a champion of which two of three metrics miss their thresholds is retrained',
    given: { performance: WORSE, degradation: byVotes(2) },
    action: 'retrain',
    reason:
      'Accuracy is 0.71 against 0.86 before, 2 of 3 metrics miss their thresholds (accuracy 0.71 below 0.90, balanced accuracy 0.68 below 0.90) and none of 8 columns changed; a challenger is trained.',
  },
  {
    name: 'by the rule of CalmOps one of three is not enough, though it is a breach and significantly worse',
    given: {
      performance: { ...WORSE, breached: BREACH.breached },
      degradation: byVotes(1, lost(1)),
    },
    action: 'keep',
    reason:
      'Accuracy is 0.71 against 0.86 before, 1 of 3 metrics misses its threshold (accuracy 0.71 below 0.90), 1 of 3 is at least 30 % worse than the previous model’s (accuracy 0.50 against 0.80) and none of 8 columns changed; the champion stays.',
  },
  {
    name: 'by the rule of CalmOps a champion far worse than the previous model is retrained where that is not shown to be better',
    given: { degradation: byVotes(0, lost(2)), previous: previous('undecided') },
    action: 'retrain',
    reason:
      'Accuracy is 0.86 against 0.86 before, none of 3 metrics misses its threshold, 2 of 3 are at least 30 % worse than the previous model’s (accuracy 0.50 against 0.80, F1 0.52 against 0.78) and none of 8 columns changed; a challenger is trained.',
  },
  {
    name: 'by the rule of CalmOps it gives way to the previous model where that is shown to be better',
    given: { degradation: byVotes(0, lost(2)), previous: previous('promote') },
    action: 'rollback',
    reason:
      'Accuracy is 0.86 against 0.86 before, none of 3 metrics misses its threshold, 2 of 3 are at least 30 % worse than the previous model’s (accuracy 0.50 against 0.80, F1 0.52 against 0.78) and none of 8 columns changed; the previous model takes over again, being better on this file (accuracy 0.81 against 0.71).',
  },
  {
    name: 'by the rule of CalmOps a champion that holds does not give way to a previous model that would hold too',
    given: { degradation: byVotes(0, lost(0)), previous: previous('promote') },
    on: 'any',
    action: 'keep',
    reason:
      'Accuracy is 0.86 against 0.86 before, none of 3 metrics misses its threshold, none of 3 is at least 30 % worse than the previous model’s and none of 8 columns changed; the champion stays.',
  },
  {
    name: 'by the rule of CalmOps drift alone retrains on any, as it did',
    given: { degradation: byVotes(0), drift: DRIFTED },
    on: 'any',
    action: 'retrain',
    reason:
      'Accuracy is 0.86 against 0.86 before, none of 3 metrics misses its threshold and 4 of 8 columns changed, most of all nswprice; a challenger is trained.',
  },
  {
    name: 'by the rule of CalmOps only missed thresholds retrain on performance',
    given: { degradation: byVotes(1, lost(3)) },
    on: 'performance',
    action: 'keep',
    reason:
      'Accuracy is 0.86 against 0.86 before, 1 of 3 metrics misses its threshold (accuracy 0.71 below 0.90), 3 of 3 are at least 30 % worse than the previous model’s (accuracy 0.50 against 0.80, F1 0.52 against 0.78, balanced accuracy 0.51 against 0.79) and none of 8 columns changed; the champion stays, since fewer than half of the metrics miss their thresholds.',
  },
];

for (const { name, given, on, action, reason } of RULE_CASES) {
  test(name, () => {
    assert.deepEqual(decide(evidence(given), policy(on)), { action, reason });
  });
}
