import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EstimatorParams } from '../fit.ts';
import { fitAll, HOUSE_TASKS, houseSchema, requestOf } from '../fixtures/retraining.ts';
import { houses } from '../fixtures/tables.ts';
import type { Model, Task } from '../model.ts';
import { RETRAIN_MODES } from './modes.ts';
import type { RetrainMode } from './modes.ts';
import { retrain } from './retrain.ts';

const RETRAININGS = 50;
const ROWS = 120;

const BOTH: readonly EstimatorParams[] = [
  { kind: 'forest', trees: 5, maxDepth: 8, minLeaf: 2 },
  {
    ...{ kind: 'boosting', iterations: 5, learningRate: 0.3, maxLeaves: 6 },
    ...{ minLeaf: 5, l2: 0, patience: 5 },
  },
];
const ESTIMATORS: Readonly<Record<Task, readonly EstimatorParams[]>> = {
  classification: [
    ...BOTH,
    { kind: 'logistic', l2: 1, maxIterations: 50 },
    { kind: 'naive-bayes', smoothing: 1e-9 },
  ],
  regression: [...BOTH, { kind: 'linear', l2: 1 }],
};

for (const { target, task } of HOUSE_TASKS.filter((each) => each.target !== 'band')) {
  for (const params of ESTIMATORS[task]) {
    for (const mode of RETRAIN_MODES) {
      test(`${params.kind} of '${target}' does not grow from one retraining to the next in the mode '${mode}'`, () => {
        const sizes = retrainedOver(mode, target, task, params);
        const early = Math.max(...sizes.slice(0, RETRAININGS / 2));
        const late = Math.max(...sizes.slice(RETRAININGS / 2));
        assert.ok(late <= 1.5 * early, `${early} bytes at first, ${late} in the end`);
        assert.ok(late <= 10 * (sizes[0] ?? 0), `${late} bytes, ${sizes[0]} of the first`);
      });
    }
  }
}

/** Bytes of the champions of a lineage in which every challenger is promoted. */
function retrainedOver(
  mode: RetrainMode,
  target: string,
  task: Task,
  params: EstimatorParams,
): readonly number[] {
  const schema = houseSchema(target, task);
  let champion: Model = fitAll(houses(ROWS, 1), schema, params);
  return Array.from({ length: RETRAININGS }, (_, n) => {
    const result = retrain(requestOf(mode, champion, houses(ROWS, n + 2), { schema, params }));
    if (result.kind === 'trained') champion = result.model;
    else if (mode === 'incremental') champion = fitAll(houses(ROWS, n + 2), schema, params);
    return champion.toBytes().length;
  });
}
