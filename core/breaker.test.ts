import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  breakerAfterFailure,
  breakerAfterSuccess,
  breakerAt,
  CLOSED_BREAKER,
  type BreakerPolicy,
  type BreakerState,
} from './breaker.ts';

const HOUR = 3_600_000;
const POLICY: BreakerPolicy = { maxFailures: 3, coolDownMs: 2 * HOUR, maxCoolDownMs: 24 * HOUR };
const START = Date.UTC(2026, 0, 1);

const fail = (state: BreakerState, nowMs: number, policy = POLICY): BreakerState =>
  breakerAfterFailure(state, policy, nowMs, 'the challenger was refused');

test('it opens at the third failure in a row, and says until when and why', () => {
  const once = fail(CLOSED_BREAKER, START);
  const twice = fail(once, START);
  assert.deepEqual(once, { kind: 'closed', failures: 1 });
  assert.deepEqual(twice, { kind: 'closed', failures: 2 });
  assert.deepEqual(fail(twice, START), {
    kind: 'open',
    until: START + 2 * HOUR,
    coolDownMs: 2 * HOUR,
    reason: 'the challenger was refused',
  });
});

test('a success in between starts the count again', () => {
  const twice = fail(fail(CLOSED_BREAKER, START), START);
  assert.equal(twice.kind, 'closed');
  const afterwards = fail(fail(breakerAfterSuccess(), START), START);
  assert.deepEqual(afterwards, { kind: 'closed', failures: 2 });
});

test('it stays open to the end of the cool-down and is half-open from then on', () => {
  const open = fail(CLOSED_BREAKER, START, { ...POLICY, maxFailures: 1 });
  assert.equal(breakerAt(open, START + 2 * HOUR - 1), open);
  assert.deepEqual(breakerAt(open, START + 2 * HOUR), {
    kind: 'half-open',
    coolDownMs: 2 * HOUR,
  });
});

test('time alone changes neither a closed nor a half-open breaker', () => {
  const halfOpen: BreakerState = { kind: 'half-open', coolDownMs: HOUR };
  assert.equal(breakerAt(CLOSED_BREAKER, Number.MAX_SAFE_INTEGER), CLOSED_BREAKER);
  assert.equal(breakerAt(halfOpen, Number.MAX_SAFE_INTEGER), halfOpen);
});

test('every failed probe doubles the cool-down, up to its limit', () => {
  let state = fail(CLOSED_BREAKER, START, { ...POLICY, maxFailures: 1 });
  const coolDowns: number[] = [];
  for (let probe = 0; probe < 6; probe++) {
    assert.ok(state.kind === 'open');
    coolDowns.push(state.coolDownMs / HOUR);
    const now = state.until;
    state = fail(breakerAt(state, now), now);
  }
  assert.deepEqual(coolDowns, [2, 4, 8, 16, 24, 24]);
});

test('a probe that succeeds closes it and forgets the failures', () => {
  assert.deepEqual(breakerAfterSuccess(), { kind: 'closed', failures: 0 });
});

test('a retraining that a person forced and that fails while it is open keeps it open for longer', () => {
  const open = fail(CLOSED_BREAKER, START, { ...POLICY, maxFailures: 1 });
  const later = fail(open, START + HOUR);
  assert.deepEqual(later, {
    kind: 'open',
    until: START + 5 * HOUR,
    coolDownMs: 4 * HOUR,
    reason: 'the challenger was refused',
  });
});

test('a first cool-down longer than the limit is cut to it', () => {
  const state = fail(CLOSED_BREAKER, START, {
    maxFailures: 1,
    coolDownMs: 48 * HOUR,
    maxCoolDownMs: 24 * HOUR,
  });
  assert.ok(state.kind === 'open');
  assert.equal(state.coolDownMs, 24 * HOUR);
});
