import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createRandom, type Random } from '../../random.ts';
import { evaluate } from './evaluate.ts';
import type { Evaluation, MetricName } from './evaluation.ts';
import { BASELINE_FILES, growBaseline, joinsBaseline } from './grown-baseline.ts';
import type { Outcomes, Predictions } from '../model.ts';

const classes = ['a', 'b'];

interface Rows {
  /** what was said and what is so, a pair a row */
  readonly pairs: readonly (readonly [said: number, truth: number])[];
}

const scoreClasses = ({ pairs }: Rows): Evaluation => {
  const labels = Int32Array.from(pairs, ([said]) => said);
  const probabilities = Float64Array.from(
    pairs.flatMap(([said]) => [0.8 - 0.6 * said, 0.2 + 0.6 * said]),
  );
  const said: Predictions = { kind: 'classification', classes, labels, probabilities };
  const truth: Outcomes = {
    kind: 'classification',
    classes,
    labels: Int32Array.from(pairs, ([, is]) => is),
  };
  return evaluate(said, truth, 'accuracy', { confidence: 0.95, seed: 1 });
};

const scoreNumbers = ({ pairs }: Rows): Evaluation =>
  evaluate(
    { kind: 'regression', values: Float64Array.from(pairs, ([said]) => said) },
    { kind: 'regression', values: Float64Array.from(pairs, ([, is]) => is) },
    'rmse',
    { confidence: 0.95, seed: 1 },
  );

const together = (parts: readonly Rows[]): Rows => ({ pairs: parts.flatMap(({ pairs }) => pairs) });

const close = (found: number | undefined, expected: number | undefined, what: string): void => {
  assert.ok(found !== undefined && expected !== undefined, what);
  assert.ok(
    Math.abs(found - expected) <= 1e-9 * (1 + Math.abs(expected)),
    `${what}: ${found}, not ${expected}`,
  );
};

const bit = fc.constantFrom(0, 1);
const value = fc.double({ min: -50, max: 50, noNaN: true });
const partsOf = (of: fc.Arbitrary<number>): fc.Arbitrary<Rows[]> =>
  fc.array(fc.record({ pairs: fc.array(fc.tuple(of, of), { minLength: 2, maxLength: 12 }) }), {
    minLength: 2,
    maxLength: 5,
  });

test('pooled means, losses and counts of errors are those of all rows together', () => {
  fc.assert(
    fc.property(partsOf(bit), (parts) => {
      const [first, ...files] = parts.map(scoreClasses);
      const { evaluation } = growBaseline(first!, files);
      const all = scoreClasses(together(parts));
      assert.equal(evaluation.rows, all.rows);
      for (const name of ['accuracy', 'logLoss', 'brier'] satisfies MetricName[]) {
        close(evaluation.metrics[name], all.metrics[name], name);
      }
      close(evaluation.loss.mean, all.loss.mean, 'mean loss');
      close(evaluation.loss.variance, all.loss.variance, 'variance of the losses');
      assert.deepEqual(evaluation.confusion?.counts, all.confusion?.counts);
    }),
    { seed: 1, numRuns: 60 },
  );
});

test('a pooled RMSE is that of all rows together', () => {
  fc.assert(
    fc.property(partsOf(value), (parts) => {
      const [first, ...files] = parts.map(scoreNumbers);
      const { evaluation } = growBaseline(first!, files);
      const all = scoreNumbers(together(parts));
      for (const name of ['rmse', 'mse', 'mae'] satisfies MetricName[]) {
        close(evaluation.metrics[name], all.metrics[name], name);
      }
      const { value: found, low, high } = evaluation.primary;
      assert.ok(0 <= low && low <= found && found <= high);
    }),
    { seed: 2, numRuns: 60 },
  );
});

const guesses = (rows: number, right: number, random: Random): Rows => ({
  pairs: Array.from({ length: rows }, () => {
    const truth = Number(random() < 0.5);
    return [random() < right ? truth : 1 - truth, truth];
  }),
});

test('the interval of a grown baseline is about as wide as that of all its rows', () => {
  const random = createRandom(5);
  const parts = Array.from({ length: 6 }, () => guesses(300, 0.8, random));
  const [first, ...files] = parts.map(scoreClasses);
  const { primary } = growBaseline(first!, files).evaluation;
  const all = scoreClasses(together(parts)).primary;
  const ratio = (primary.high - primary.low) / (all.high - all.low);
  assert.ok(Math.abs(ratio - 1) < 0.1, `${ratio}`);
});

test('a baseline that no file joined is the score on the rows held out', () => {
  const heldOut = scoreClasses(guesses(24, 0.8, createRandom(1)));
  const { evaluation, of } = growBaseline(heldOut, []);
  assert.equal(evaluation, heldOut);
  assert.deepEqual(of, { heldOut: 24, files: 0, fileRows: 0 });
});

test('files join until there are ten, except where the champion is worse beyond doubt', () => {
  const random = createRandom(2);
  const heldOut = scoreClasses(guesses(24, 0.8, random));
  const files = Array.from({ length: BASELINE_FILES }, () =>
    scoreClasses(guesses(80, 0.8, random)),
  );
  const early = growBaseline(heldOut, files.slice(1));
  assert.equal(joinsBaseline({ pValue: 0.01 }, early), true, 'an alarm alone does not keep it out');
  assert.equal(joinsBaseline({ pValue: 0.001 }, early), false);
  const full = growBaseline(heldOut, files);
  assert.deepEqual(full.of, { heldOut: 24, files: 10, fileRows: 800 });
  assert.equal(joinsBaseline({ pValue: 1 }, full), false);
});

test('a metric that a file leaves undefined is that of the others', () => {
  const mixed = scoreClasses({
    pairs: [
      [1, 1],
      [0, 0],
      [1, 0],
      [0, 1],
    ],
  });
  const oneClass = scoreClasses({
    pairs: [
      [1, 1],
      [0, 1],
    ],
  });
  assert.equal(oneClass.metrics.rocAuc, undefined);
  const { metrics } = growBaseline(mixed, [oneClass]).evaluation;
  assert.equal(metrics.rocAuc, mixed.metrics.rocAuc);
});
