import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decide } from '../decision.ts';
import type { Evidence } from '../evidence.ts';
import { createRandom } from '../random.ts';
import { detectDrift } from './detect.ts';
import { OPTIONS } from './fixtures/tables.ts';
import { correlatedTable } from './multivariate/fixtures/correlated.ts';
import { findTogether } from './together-finding.ts';

const random = createRandom(1);
const TURNED = findTogether(
  detectDrift(correlatedTable(random, 400, 0.8), correlatedTable(random, 400, -0.8), OPTIONS)
    .together,
);

const evidence: Evidence = {
  labelled: true,
  hasChampion: true,
  predictionOnly: false,
  drift: { materialCount: 0, material: [], testedColumns: 5, insufficient: 0, together: TURNED },
  performance: null,
  previous: null,
  breaker: { kind: 'closed', failures: 0 },
  forced: null,
};

test('columns that changed only together are drift, and the reason says so with the figure', () => {
  assert.ok(TURNED?.material === true && TURNED.columns.length > 0);
  const decision = decide(evidence, { retrainOn: 'drift', falseAlarmRate: 0.05 });
  assert.equal(decision.action, 'retrain');
  assert.match(
    decision.reason,
    /^The columns together changed \(.+ (AUC|D) 0\.\d\d\), though none by itself; a challenger is trained\.$/,
  );
});

test('where a column changed by itself the columns are named, as without the test over all of them', () => {
  const drift = { materialCount: 1, material: ['a'], testedColumns: 5, insufficient: 0 };
  const policy = { retrainOn: 'drift', falseAlarmRate: 0.05 } as const;
  const alone = decide({ ...evidence, drift }, policy);
  assert.deepEqual(decide({ ...evidence, drift: { ...drift, together: TURNED } }, policy), alone);
});

test('without a test over all columns nothing is found over them', () => {
  assert.equal(findTogether(null), null);
  assert.equal(findTogether(undefined), null);
});
