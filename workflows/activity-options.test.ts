import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ActivityOptions } from '@temporalio/workflow';
import { msToNumber } from '@temporalio/common/lib/time.js';
import {
  NOTIFYING,
  READING,
  READING_AT_ONCE,
  RECORDING,
  RECORDING_VISIBLY,
  TRAINING,
} from './activity-options.ts';

const DAY_MS = 24 * 3_600_000;
const ACTIVITIES: Readonly<Record<string, ActivityOptions>> = {
  ...{ READING, TRAINING, RECORDING_VISIBLY, NOTIFYING },
};

describe('while a server, a store or a disk is away', () => {
  for (const [name, { retry }] of Object.entries(ACTIVITIES)) {
    test(`attempts of ${name} are not counted, and what is back is found within ten minutes`, () => {
      assert.equal(retry?.maximumAttempts, undefined);
      const longest: unknown = retry?.maximumInterval;
      assert.ok(typeof longest === 'string' && msToNumber(longest) <= 600_000, String(longest));
    });
  }

  for (const [name, { scheduleToCloseTimeout: until }] of Object.entries({
    READING,
    TRAINING,
    RECORDING_VISIBLY,
  })) {
    test(`${name} does not give up within a day`, () => {
      assert.ok(until === undefined || msToNumber(until) >= DAY_MS, String(until));
    });
  }

  test('only messages to others are given up: after minutes, and the run has its outcome by then', () => {
    assert.equal(NOTIFYING.scheduleToCloseTimeout, '10 minutes');
  });

  for (const [name, { startToCloseTimeout, retry }] of Object.entries({
    READING_AT_ONCE,
    RECORDING,
  })) {
    test(`${name}, which goes on as a visible activity, is over before others have to wait for long`, () => {
      const attempts = retry?.maximumAttempts;
      assert.ok(attempts !== undefined && startToCloseTimeout !== undefined);
      assert.ok(attempts * msToNumber(startToCloseTimeout) <= 15_000);
    });
  }
});
