import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ApplicationFailure } from '@temporalio/activity';
import type { ProcessEnd } from '../processes/process-ended.ts';
import { TaskFailure, TaskProcessEnded } from './compute-processes.ts';
import { attemptsIn, failedAttempt, NO_ATTEMPTS, type TaskAttempts } from './task-attempts.ts';

const limits = { failures: 3, crashes: 3, kills: 10 };
const reading = { readsFile: true, limits };
const training = { readsFile: false, limits };

describe('an attempt of an activity that failed', () => {
  test('is not repeated where the file or the pipeline is to blame', () => {
    const { failure, attempts } = outcome(thrown('InvalidDatasetError'), NO_ATTEMPTS, reading);
    assert.equal(failure.type, 'InvalidDataset');
    assert.equal(failure.nonRetryable, true);
    assert.deepEqual(attempts, NO_ATTEMPTS);
  });

  test('is repeated for as long as the machine is to blame, and counts for nothing', () => {
    for (const error of [
      thrown('Error', 'no space', 'ENOSPC'),
      thrown('Error', 'too many open files', 'EMFILE'),
      thrown('ArtefactMissingError'),
      thrown('Error', 'IO Error: Could not write file "/x": No space left on device'),
      thrown('Error', 'IO Error: Failed to create directory "/x": Not a directory'),
    ]) {
      let attempts = NO_ATTEMPTS;
      for (let i = 0; i < 50; i++) {
        const found = outcome(error, attempts, training);
        assert.equal(found.failure.nonRetryable, false, error.message);
        ({ attempts } = found);
      }
      assert.deepEqual(attempts, NO_ATTEMPTS);
    }
  });

  test('says what is wrong with the machine and what mends it, without the paths of its working files', () => {
    const error = thrown('Error', "ENOSPC: no space left, open '/tmp/scratch/x'", 'ENOSPC');
    const { failure } = outcome(error, NO_ATTEMPTS, training);
    assert.equal(failure.type, 'InfrastructureError');
    assert.match(failure.message, /no space is left on its disk; free some .*CalmOps tries again$/);
    assert.doesNotMatch(failure.message, /scratch/);
  });

  test('says that a file is gone, which is not repeated and says nothing of its content', () => {
    const { failure } = outcome(thrown('DatasetGoneError'), NO_ATTEMPTS, reading);
    assert.deepEqual([failure.type, failure.nonRetryable], ['DatasetGone', true]);
  });

  test('travels whatever is in its message: it is cut, and keeps what it began with', () => {
    const long = thrown('InvalidDatasetError', `attribute '${'x'.repeat(3_000_000)}' twice`);
    const { failure } = outcome(long, NO_ATTEMPTS, reading);
    assert.match(failure.message, /^attribute 'xxx/);
    const { cause } = failure;
    const length = [failure.message, cause?.message, cause?.stack].join('').length;
    assert.ok(length < 20_000, String(length));
  });

  test('ends the activity when the task has thrown as often as it may, and says so', () => {
    let attempts = NO_ATTEMPTS;
    const ends: boolean[] = [];
    for (let i = 0; i < 3; i++) {
      const found = outcome(thrown('TypeError', 'of undefined'), attempts, training);
      ({ attempts } = found);
      ends.push(found.failure.nonRetryable === true);
      if (i === 2) assert.match(found.failure.message, /^of undefined \(3 attempts/);
    }
    assert.deepEqual(ends, [false, false, true]);
  });

  for (const end of [
    { kind: 'crash', how: 'SIGSEGV' },
    { kind: 'memory', limitMb: 900 },
    { kind: 'cpu', limitSeconds: 45 },
  ] as const) {
    test(`makes a file invalid at once that ended its reader by ${end.kind}`, () => {
      const { failure } = outcome(ended(end), NO_ATTEMPTS, reading);
      assert.equal(failure.type, 'InvalidDataset');
      assert.equal(failure.nonRetryable, true);
      assert.match(failure.message, /the file/);
    });

    test(`is the third and last of another task that ends its process by ${end.kind}`, () => {
      let attempts = NO_ATTEMPTS;
      const ends: boolean[] = [];
      for (let i = 0; i < 3; i++) {
        const found = outcome(ended(end), attempts, training);
        ({ attempts } = found);
        ends.push(found.failure.nonRetryable === true);
      }
      assert.deepEqual(ends, [false, false, true]);
    });
  }

  test('is repeated where somebody else ended the process, a file’s reader too, but not for ever', () => {
    let attempts = NO_ATTEMPTS;
    const ends: boolean[] = [];
    for (let i = 0; i < 10; i++) {
      const found = outcome(ended({ kind: 'killed', signal: 'SIGKILL' }), attempts, reading);
      ({ attempts } = found);
      ends.push(found.failure.nonRetryable === true);
    }
    assert.deepEqual(ends, [...Array<boolean>(9).fill(false), true]);
  });

  test('is counted from what the attempt before left, whatever that is', () => {
    assert.deepEqual(attemptsIn({ done: 0.5, note: 'x', failures: 2, crashes: 1, kills: 0 }), {
      ...{ failures: 2, crashes: 1, kills: 0 },
    });
    assert.deepEqual(attemptsIn({ done: 0.5, note: 'of an earlier version' }), NO_ATTEMPTS);
    assert.deepEqual(attemptsIn(undefined), NO_ATTEMPTS);
    assert.deepEqual(attemptsIn({ failures: -1, crashes: 'many' }), NO_ATTEMPTS);
  });
});

function outcome(
  error: Error,
  before: TaskAttempts,
  task: typeof reading,
): { readonly failure: ApplicationFailure; readonly attempts: TaskAttempts } {
  const found = failedAttempt(error, before, task);
  assert.ok(found?.failure instanceof ApplicationFailure);
  return { failure: found.failure, attempts: found.attempts };
}

function thrown(type: string, message = 'what was thrown', code?: string): TaskFailure {
  return new TaskFailure({ type, message, stack: undefined, code });
}

function ended(end: ProcessEnd): TaskProcessEnded {
  return new TaskProcessEnded(end, 'the process ended');
}
