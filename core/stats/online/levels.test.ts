import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '../../random.ts';
import { normalSurvival } from '../special-functions.ts';
import { afterFile, levelOfNextFile, type OnlinePromise, type OnlineState } from './levels.ts';

/** Levels of a sequence of files, and whether each alarms. */
function follow(
  pValues: readonly number[],
  promise: OnlinePromise,
): readonly { readonly level: number; readonly alarm: boolean }[] {
  let state: OnlineState | null = null;
  return pValues.map((pValue) => {
    const level = levelOfNextFile(state, promise);
    state = afterFile(state, promise, pValue);
    return { level, alarm: pValue <= level };
  });
}

function assertPublished(
  promise: OnlinePromise,
  rows: readonly (readonly [pValue: number, level: number, rejected: 0 | 1])[],
): void {
  const found = follow(
    rows.map(([pValue]) => pValue),
    promise,
  );
  rows.forEach(([, level, rejected], i) => {
    assert.ok(Math.abs((found[i]?.level ?? NaN) / level - 1) < 1e-6, `file ${i + 1}`);
    assert.equal(found[i]?.alarm, rejected === 1, `file ${i + 1}`);
  });
}

test('SAFFRON gives the levels that the R package onlineFDR prints in its manual', () => {
  assertPublished({ falseAlarmRate: 0.05, over: 'saffron' }, [
    [2.9e-8, 0.005468627, 1],
    [0.06743, 0.010937254, 0],
    [0.01514, 0.010937254, 0],
    [0.08174, 0.010937254, 0],
    [0.00171, 0.010937254, 1],
    [3.6e-5, 0.021874508, 1],
    [0.79149, 0.032811762, 0],
    [0.27201, 0.010823845, 0],
    [0.28295, 0.010823845, 0],
    [7.59e-8, 0.010823845, 1],
    [0.69274, 0.021761099, 0],
    [0.30443, 0.009265591, 0],
    [0.00136, 0.009265591, 1],
    [0.72342, 0.020202846, 0],
    [0.54757, 0.009064367, 0],
  ]);
});

test('LORD++ gives the levels that the R package onlineFDR prints in its manual', () => {
  assertPublished({ falseAlarmRate: 0.1, over: 'lord' }, [
    [2.9e-8, 0.0026758385, 1],
    [0.06743, 0.0032577488, 0],
    [0.01514, 0.0010775352, 0],
    [0.08174, 0.0009078052, 0],
    [0.00171, 0.0007616238, 0],
    [0.27201, 0.0006517385, 0],
    [3.6e-5, 0.0005682672, 1],
    [0.79149, 0.0058549106, 0],
    [7.59e-8, 0.0016151293, 1],
    [0.28295, 0.006751887, 0],
    [0.69274, 0.0023619734, 0],
    [0.72342, 0.0020342733, 0],
    [0.30443, 0.0017477495, 0],
    [0.54757, 0.0015277362, 0],
    [0.00136, 0.0013569121, 0],
  ]);
});

test('alpha-spending gives the levels that the R package onlineFDR prints in its manual', () => {
  assertPublished({ falseAlarmRate: 0.05, over: 'spending' }, [
    [2.9e-17, 0.0026758385, 1],
    [0.06743, 0.0005819103, 0],
    [0.01514, 0.0004956249, 0],
    [0.08174, 0.0004121803, 0],
    [0.00171, 0.0003494435, 0],
    [0.27201, 0.000302295, 0],
    [3.6e-5, 0.0002659722, 1],
    [0.79149, 0.0002372613, 0],
    [7.59e-8, 0.0002140474, 1],
  ]);
});

test('spending never spends more than the rate, however many files come', () => {
  let spent = 0;
  let state: OnlineState | null = null;
  const promise: OnlinePromise = { falseAlarmRate: 0.05, over: 'spending' };
  for (let file = 0; file < 100_000; file++) {
    spent += levelOfNextFile(state, promise);
    state = afterFile(state, promise, 1);
  }
  assert.ok(spent > 0.02 && spent <= 0.05, `spent ${spent}`);
});

test('of the alarms of LORD and SAFFRON at most the promised share is false', () => {
  for (const over of ['lord', 'saffron'] as const) {
    const random = createRandom(7);
    let falseShares = 0;
    let found = 0;
    let drifts = 0;
    const repetitions = 400;
    for (let repetition = 0; repetition < repetitions; repetition++) {
      const drifted = Array.from({ length: 200 }, () => random() < 0.2);
      const alarms = follow(
        drifted.map((drifts) => normalSurvival(normal(random) + (drifts ? 4 : 0))),
        { falseAlarmRate: 0.05, over },
      ).map(({ alarm }) => alarm);
      const all = alarms.filter(Boolean).length;
      const right = alarms.filter((alarm, i) => alarm && drifted[i]).length;
      falseShares += all === 0 ? 0 : (all - right) / all;
      found += right;
      drifts += drifted.filter(Boolean).length;
    }
    assert.ok(falseShares / repetitions <= 0.05, `${over}: ${falseShares / repetitions} are false`);
    assert.ok(found / drifts > 0.5, `${over} finds ${found} of ${drifts}`);
  }
});

test('without any drift spending, LORD and SAFFRON raise an alarm in at most one of twenty pipelines', () => {
  for (const over of ['spending', 'lord', 'saffron'] as const) {
    const random = createRandom(11);
    let pipelines = 0;
    for (let repetition = 0; repetition < 1000; repetition++) {
      const pValues = Array.from({ length: 100 }, () => random());
      const alarms = follow(pValues, { falseAlarmRate: 0.05, over });
      if (alarms.some(({ alarm }) => alarm)) pipelines++;
    }
    // More than 71 in 1000 at a rate of 0.05 has a chance of 0.001.
    assert.ok(pipelines <= 71, `${over}: ${pipelines}`);
  }
});

test('without a word about it each file has the rate, and with a horizon its part', () => {
  assert.equal(levelOfNextFile(null, { falseAlarmRate: 0.05 }), 0.05);
  assert.equal(levelOfNextFile(undefined, { falseAlarmRate: 0.05, horizon: 20 }), 0.05 / 20);
  assert.equal(levelOfNextFile(null, { falseAlarmRate: 0.05, horizon: 20, over: 'file' }), 0.05);
});

test('a file on which nothing could be tested costs nothing', () => {
  const promise: OnlinePromise = { falseAlarmRate: 0.05, over: 'lord' };
  const state = afterFile(null, promise, 0.4);
  assert.deepEqual(afterFile(state, promise, null), state);
});

test('under another promise the state starts afresh', () => {
  const state = afterFile(null, { falseAlarmRate: 0.05, over: 'lord' }, 1e-9);
  const promise: OnlinePromise = { falseAlarmRate: 0.05, over: 'spending' };
  assert.equal(levelOfNextFile(state, promise), levelOfNextFile(null, promise));
  assert.equal(afterFile(state, promise, 1).alarms, 0);
});

test('the state stays small over thousands of alarms, and is the same after a way through JSON', () => {
  const promise: OnlinePromise = { falseAlarmRate: 0.05, over: 'saffron' };
  let state: OnlineState | null = null;
  for (let file = 0; file < 2000; file++)
    state = afterFile(state, promise, file % 3 === 0 ? 0 : 0.9);
  const text = JSON.stringify(state);
  assert.ok(text.length < 500, `${text.length} characters`);
  assert.equal(
    levelOfNextFile(JSON.parse(text) as OnlineState, promise),
    levelOfNextFile(state, promise),
  );
});

test('a rate, a horizon or a p-value out of bounds is refused by name', () => {
  assert.throws(() => levelOfNextFile(null, { falseAlarmRate: 1 }), /false-alarm rate.*got 1/);
  assert.throws(
    () => levelOfNextFile(null, { falseAlarmRate: 0.05, horizon: 0.5 }),
    /horizon.*0\.5/,
  );
  assert.throws(() => afterFile(null, { falseAlarmRate: 0.05 }, NaN), /p-value of a file.*NaN/);
});

const normal = (random: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
