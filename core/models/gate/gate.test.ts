import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '../../random.ts';
import { METRICS_OF_TASK } from '../metrics/evaluation.ts';
import { compareModels } from './gate.ts';
import type { GateInput } from './gate.ts';
import type { Outcomes, Predictions } from '../model.ts';

const classes = ['a', 'b'];

interface Duel {
  readonly champion: Predictions;
  readonly challenger: Predictions;
  readonly outcomes: Outcomes;
}

function certain(labels: Int32Array): Predictions {
  const probabilities = Float64Array.from({ length: 2 * labels.length }, (_, i) =>
    labels[i >> 1] === (i & 1) ? 0.9 : 0.1,
  );
  return { kind: 'classification', classes, probabilities, labels };
}

/** Two classifiers right on given shares of the rows, independently. */
function duel(n: number, champion: number, challenger: number, seed: number): Duel {
  const random = createRandom(seed);
  const truth = Int32Array.from({ length: n }, () => Number(random() < 0.4));
  const guess = (right: number): Predictions =>
    certain(truth.map((k) => (random() < right ? k : 1 - k)));
  return {
    champion: guess(champion),
    challenger: guess(challenger),
    outcomes: { kind: 'classification', classes, labels: truth },
  };
}

/** Two regressions with given noise on rows that are hard for both alike. */
function regressionDuel(n: number, champion: number, challenger: number, seed: number): Duel {
  const random = createRandom(seed);
  const normal = (): number =>
    Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const truth = Float64Array.from({ length: n }, normal);
  const shared = truth.map(normal);
  const guess = (noise: number): Predictions => ({
    kind: 'regression',
    values: truth.map((y, i) => y + shared[i]! + noise * normal()),
  });
  return {
    champion: guess(champion),
    challenger: guess(challenger),
    outcomes: { kind: 'regression', values: truth },
  };
}

const policy = { margin: 0, confidence: 0.95, thresholds: {}, seed: 1 } as const;
const byAccuracy = (d: Duel, own: Partial<GateInput> = {}): ReturnType<typeof compareModels> =>
  compareModels({ ...d, metric: 'accuracy', ...policy, ...own });

test('an equal challenger is promoted in about 2.5 % of comparisons', () => {
  let promoted = 0;
  for (let s = 0; s < 600; s++) {
    if (byAccuracy(duel(300, 0.8, 0.8, s), { seed: s }).verdict === 'promote') promoted++;
  }
  assert.ok(promoted >= 3 && promoted <= 28, `${promoted} of 600`);
  let byRmse = 0;
  for (let s = 0; s < 100; s++) {
    const d = regressionDuel(200, 0.3, 0.3, s);
    if (compareModels({ ...d, metric: 'rmse', ...policy, seed: s }).verdict === 'promote') byRmse++;
  }
  assert.ok(byRmse <= 7, `${byRmse} of 100`);
});

test('a clearly better challenger is promoted nearly always, a worse one never', () => {
  for (let s = 0; s < 15; s++) {
    assert.equal(byAccuracy(duel(500, 0.75, 0.88, s)).verdict, 'promote');
    assert.equal(byAccuracy(duel(500, 0.88, 0.75, s)).verdict, 'refuse');
    const d = regressionDuel(300, 0.8, 0.2, s);
    for (const metric of ['r2', 'rmse', 'mae', 'mse'] as const) {
      assert.equal(compareModels({ ...d, metric, ...policy }).verdict, 'promote', metric);
    }
  }
});

test('pairing finds a small gain on rows that are hard for both', () => {
  const { gain, champion } = compareModels({
    ...regressionDuel(1000, 0.4, 0.1, 1),
    metric: 'rmse',
    ...policy,
  });
  assert.ok(gain.high - gain.low < 0.8 * (champion.high - champion.low));
  assert.ok(gain.low > 0);
});

test('a gain within chance is undecided and says how many rows would tell', () => {
  const { verdict, reason, gain, power } = byAccuracy(duel(60, 0.7, 0.76, 2));
  assert.ok(gain.value > 0 && gain.low <= 0, JSON.stringify(gain));
  assert.equal(verdict, 'undecided');
  assert.match(reason, /may be better by chance: accuracy 0\.\d+ against 0\.\d+ on 60 rows/);
  const rows = Number(/about (\d+) rows would tell with a power of 80 %/.exec(reason)?.[1]);
  assert.ok(rows > 60);
  assert.equal(rows, power?.rowsNeeded);
});

test('a margin lets a challenger pass that is as good, but not one that is worse by more', () => {
  const equal = duel(2000, 0.8, 0.8, 5);
  const { verdict, reason } = byAccuracy(equal, { margin: 0.05 });
  assert.equal(verdict, 'promote');
  assert.match(reason, /not worse by more than 0.05: accuracy/);
  const worse = byAccuracy(duel(2000, 0.8, 0.72, 5), { margin: 0.05 });
  assert.equal(worse.verdict, 'refuse');
  assert.match(worse.reason, /not within 0.05 of the champion/);
});

test('a challenger that says the same is refused without a margin, promoted with one on enough rows', () => {
  const { champion, outcomes } = duel(200, 0.8, 0.8, 6);
  const same = { champion, challenger: champion, outcomes };
  assert.equal(byAccuracy(same).gain.value, 0);
  assert.equal(byAccuracy(same).verdict, 'refuse');
  assert.equal(byAccuracy(same, { margin: 0.01 }).verdict, 'undecided');
  const many = duel(2000, 0.8, 0.8, 6);
  const sameOnMany = {
    champion: many.champion,
    challenger: many.champion,
    outcomes: many.outcomes,
  };
  assert.equal(byAccuracy(sameOnMany, { margin: 0.01 }).verdict, 'promote');
});

test('a better challenger that breaks a threshold is refused, with both figures', () => {
  const { verdict, reason } = byAccuracy(duel(500, 0.6, 0.8, 7), {
    thresholds: { accuracy: 0.95 },
  });
  assert.equal(verdict, 'refuse');
  assert.match(reason, /challenger's accuracy is 0\.\d+, below its minimum of 0.95/);
});

test('few rows decide nothing, however right the challenger was on them', () => {
  const truth = Int32Array.of(0, 1, 0);
  const { verdict, reason } = byAccuracy({
    champion: certain(Int32Array.of(1, 0, 1)),
    challenger: certain(truth),
    outcomes: { kind: 'classification', classes, labels: truth },
  });
  assert.equal(verdict, 'undecided');
  assert.match(reason, /3 rows are too few to tell \(at least 30\)/);
});

test('a challenger gains by knowing a class that the champion does not', () => {
  const { champion } = duel(300, 0.9, 0.9, 8);
  const names = ['a', 'b', 'c'];
  const truth = Int32Array.from({ length: 300 }, (_, i) => i % 3);
  const probabilities = Float64Array.from({ length: 900 }, (_, i) =>
    truth[Math.floor(i / 3)] === i % 3 ? 1 : 0,
  );
  const { verdict, challenger } = byAccuracy({
    champion,
    challenger: { kind: 'classification', classes: names, probabilities, labels: truth },
    outcomes: { kind: 'classification', classes: names, labels: truth },
  });
  assert.equal(challenger.value, 1);
  assert.equal(verdict, 'promote');
});

test('every metric of a task compares, on few rows and on many, the same again for a seed', () => {
  for (const n of [100, 6000]) {
    const d = duel(n, 0.6, 0.9, 9);
    for (const metric of METRICS_OF_TASK.classification) {
      const comparison = compareModels({ ...d, metric, ...policy });
      assert.equal(comparison.verdict, 'promote', comparison.reason);
      assert.ok(
        comparison.gain.low < comparison.gain.value && comparison.gain.value < comparison.gain.high,
      );
      assert.deepEqual(compareModels({ ...d, metric, ...policy }), comparison);
    }
  }
});

test('a gain beyond doubt passes at a confidence that few resamples could not show', () => {
  const confidence = 0.9997;
  const two = duel(6000, 0.6, 0.9, 9);
  for (const metric of ['f1', 'logLoss', 'prAuc'] as const) {
    const { verdict, reason } = compareModels({ ...two, metric, ...policy, confidence });
    assert.equal(verdict, 'promote', reason);
  }
  const numbers = regressionDuel(2000, 1, 0.2, 3);
  const { verdict, reason } = compareModels({ ...numbers, metric: 'rmse', ...policy, confidence });
  assert.equal(verdict, 'promote', reason);
});

test('the rows that it asks for do show the gain in about 80 of 100 comparisons', () => {
  const planned = byAccuracy(duel(40_000, 0.8, 0.83, 3));
  const rows = planned.power?.rowsNeeded ?? 0;
  let promoted = 0;
  for (let s = 0; s < 100; s++) {
    if (byAccuracy(duel(rows, 0.8, 0.83, 500 + s)).verdict === 'promote') promoted++;
  }
  assert.ok(promoted >= 68 && promoted <= 91, `${promoted} of 100 on ${rows} rows`);
});

test('each metric is compared by the test that fits it, which the comparison names', () => {
  const d = duel(400, 0.7, 0.85, 4);
  const named = (metric: GateInput['metric']): string | undefined =>
    compareModels({ ...d, metric, ...policy }).test?.name;
  assert.equal(named('accuracy'), 'mcnemar');
  assert.equal(named('f1Micro'), 'mcnemar');
  assert.equal(named('rocAuc'), 'delong');
  assert.equal(named('f1'), 'bootstrap');
  assert.equal(named('logLoss'), 'bootstrap');
  assert.match(byAccuracy(d).reason, /McNemar p = \S+\)/);
});

test('no test promotes an equal challenger more often than it should', () => {
  for (const metric of ['rocAuc', 'f1', 'brier'] as const) {
    let promoted = 0;
    for (let s = 0; s < 80; s++) {
      const d = duel(200, 0.75, 0.75, 7000 + s);
      if (compareModels({ ...d, metric, ...policy, seed: s }).verdict === 'promote') promoted++;
    }
    assert.ok(promoted <= 7, `${metric}: ${promoted} of 80`);
  }
});

test('a gain that is sure but smaller than asked for is refused', () => {
  const d = duel(20_000, 0.8, 0.83, 1);
  const minimum = (value: number, kind: 'absolute' | 'relative'): string =>
    byAccuracy(d, { minimumGains: { accuracy: { kind, value } } }).verdict;
  assert.equal(minimum(0.01, 'absolute'), 'promote');
  assert.equal(minimum(0.05, 'absolute'), 'refuse');
  assert.equal(minimum(0.02, 'relative'), 'promote');
  assert.equal(minimum(0.1, 'relative'), 'refuse');
  const { reason } = byAccuracy(d, {
    minimumGains: { accuracy: { kind: 'absolute', value: 0.05 } },
  });
  assert.match(reason, /gain is too small: accuracy 0\.\d+ against 0\.\d+, .* a gain of 0\.05/);
});

test('a negative margin is refused', () => {
  assert.throws(
    () => byAccuracy(duel(50, 0.5, 0.5, 1), { margin: -1 }),
    /margin must be 0 or more, got -1/,
  );
});
