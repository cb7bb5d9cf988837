import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decide } from './decision.ts';
import { evidence, performance, policy, type Case, STILL, WORSE } from './fixtures/evidence.ts';

const CASES: readonly Case[] = [
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

test('a champion that is worse is told against how many rows of how many files', () => {
  const against = (heldOut: number, files: number, fileRows: number): string =>
    decide(
      evidence({ performance: { ...WORSE, baselineOf: { heldOut, files, fileRows } } }),
      policy(),
    ).reason;
  assert.match(against(24, 0, 0), /\(p = 2e-9, against 24 rows held out\)/);
  assert.match(against(1, 1, 80), /against 1 row held out and one earlier file, 81 rows in all\)/);
  assert.match(against(24, 3, 240), /24 rows held out and 3 earlier files, 264 rows in all\)/);
});
