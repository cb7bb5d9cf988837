import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EstimatorParams } from '../fit.ts';
import { fitAll, houseSchema, requestOf } from '../fixtures/retraining.ts';
import { houses, times } from '../fixtures/tables.ts';
import type { RetrainingRequest } from './request.ts';
import { completeRetraining, planRetraining } from './retrain.ts';
import type { RetrainingPlan } from './retrain.ts';

const LOGISTIC: EstimatorParams = { kind: 'logistic', l2: 1, maxIterations: 50 };
const ROWS = 100;

/** A stacking of houses whose order in time is not that of the rows. */
function request(mode: 'stacking' | 'stacking-refit', timeColumn?: string): RetrainingRequest {
  const plain = houses(ROWS, 2);
  const at = Array.from({ length: ROWS }, (_, i) => (i * 37) % ROWS);
  const table = { ...plain, columns: [...plain.columns, times('at', at)] };
  const schema = { ...houseSchema('dear', 'classification'), timeColumn };
  const champion = fitAll(houses(120, 1), schema, LOGISTIC);
  return requestOf(mode, champion, table, { schema, params: LOGISTIC });
}

function fitsOf(plan: RetrainingPlan): Extract<RetrainingPlan, { kind: 'fits' }>['fits'] {
  assert.equal(plan.kind, 'fits');
  return plan.fits;
}

/** Of each fold, the rows that its models are not fitted on. */
function leftOut(own: RetrainingRequest): number[][] {
  const fits = fitsOf(planRetraining(own));
  return fits
    .slice(0, -1)
    .map(({ rows }) => [...own.data.fresh].filter((row) => !rows.includes(row)));
}

test('each fresh row is left out of one fold, and of no other', () => {
  for (const timeColumn of [undefined, 'at']) {
    const own = request('stacking', timeColumn);
    const folds = leftOut(own);
    assert.deepEqual(
      folds.flat().sort((a, b) => a - b),
      [...own.data.fresh],
    );
    assert.deepEqual(
      folds.map(({ length }) => length),
      [20, 20, 20, 20, 20],
    );
  }
});

test('with a time column a fold is a stretch of time, so that its rows are not predicted from their neighbours', () => {
  const stretches = leftOut(request('stacking', 'at')).map((rows) =>
    rows.map((row) => (row * 37) % ROWS).sort((a, b) => a - b),
  );
  stretches.forEach((stretch, fold) => {
    assert.deepEqual(
      stretch,
      Array.from({ length: 20 }, (_, i) => 20 * fold + i),
    );
  });
});

test('with a refitted half, the past is in every fold and the fresh rows left out are the same ones', () => {
  const own = request('stacking-refit');
  const fits = fitsOf(planRetraining(own));
  assert.equal(fits.length, 12);
  const past = own.data.learn.length - own.data.fresh.length;
  for (let fold = 0; fold < 6; fold++) {
    const [recent, refitted] = fits.slice(2 * fold);
    assert.ok(recent !== undefined && refitted !== undefined);
    assert.deepEqual(
      [...refitted.rows].filter((row) => own.data.fresh.includes(row)),
      [...recent.rows],
    );
    assert.equal(refitted.rows.length, past + recent.rows.length);
  }
});

test('planned again, the fits are the same, so that another thread can go on from them', () => {
  assert.deepEqual(planRetraining(request('stacking')), planRetraining(request('stacking')));
});

test('a stack of fewer models than its fits is not completed', () => {
  assert.throws(
    () => completeRetraining(request('stacking'), []),
    /completed with 6 models, got 0/,
  );
  const full: RetrainingRequest = { ...request('stacking'), mode: 'full' };
  assert.throws(() => completeRetraining(full, []), /completed with 1 model, got 0/);
});
