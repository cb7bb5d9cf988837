import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decide } from './decision.ts';
import type { Degradation, MetricVote } from './drift/rules/calmops-performance.ts';
import type { MetricName } from './models/metrics/evaluation.ts';
import {
  BREACH,
  DRIFTED,
  evidence,
  policy,
  previous,
  WORSE,
  type Case,
} from './fixtures/evidence.ts';

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

const CASES: readonly Case[] = [
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

for (const { name, given, on, action, reason } of CASES) {
  test(name, () => {
    assert.deepEqual(decide(evidence(given), policy(on)), { action, reason });
  });
}
