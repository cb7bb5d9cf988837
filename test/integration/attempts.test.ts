import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ApplicationFailure, WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { bundleWorkflowCode, Worker, type WorkflowBundle } from '@temporalio/worker';
import {
  TaskFailure,
  TaskProcessEnded,
  type ComputeProcesses,
} from '../../activities/compute-processes.ts';
import { createTrainingActivities } from '../../activities/create-compute-activities.ts';
import { LIGHT_QUEUE, TRAINING_QUEUE } from '../../workflows/contract.ts';
import { startTestTemporal, type TestTemporal } from '../support/temporal.ts';

const temporal = await startTestTemporal();
const skip = typeof temporal === 'string' ? temporal : false;

type Train = ComputeProcesses['train'];

describe('a training that is tried again', { skip, timeout: 300_000 }, () => {
  const { client, connection, stop } = temporal as TestTemporal;
  let workflowBundle: WorkflowBundle;
  let attempts = 0;
  before(async () => {
    const file = new URL('../support/training-workflow.ts', import.meta.url);
    workflowBundle = await bundleWorkflowCode({ workflowsPath: fileURLToPath(file) });
  });
  after(stop);

  test('ends after the third crash of its process, and says so', async () => {
    const failure = await withWorker(
      () => Promise.reject(new TaskProcessEnded({ kind: 'crash', how: 'SIGSEGV' }, 'it crashed')),
      (handle) => failureOf(handle),
    );
    assert.equal(attempts, 3);
    assert.match(failure.message, /^it crashed, 3 times$/);
  });

  test('ends after the third time that the task throws', async () => {
    const thrown = { type: 'TypeError', message: 'a bug', stack: undefined, code: undefined };
    const failure = await withWorker(
      () => Promise.reject(new TaskFailure(thrown)),
      (handle) => failureOf(handle),
    );
    assert.equal(attempts, 3);
    assert.equal(failure.type, 'TypeError');
  });

  test('goes on for as long as the disk is full, and then succeeds', async () => {
    const full = { type: 'Error', message: 'no space', stack: undefined, code: 'ENOSPC' };
    const result = await withWorker(
      () => (attempts < 12 ? Promise.reject(new TaskFailure(full)) : Promise.resolve(model('m'))),
      (handle) => handle.result() as Promise<string>,
    );
    assert.equal(result, 'm');
  });

  test('is not used up by workers that are stopped in the middle of it', async () => {
    attempts = 0;
    const until: Train = (_, { signal }) => {
      attempts += 1;
      if (attempts > 5) return Promise.resolve(model('late'));
      return new Promise((_, reject) => {
        const end = (): void => reject(signal.reason as Error);
        signal.addEventListener('abort', end, { once: true });
      });
    };
    const handle = await start();
    for (let deployment = 1; deployment <= 5; deployment++) {
      const workers = await startWorkers(until);
      await untilTrue(() => attempts === deployment);
      await workers.end();
    }
    const workers = await startWorkers(until);
    assert.equal(await handle.result(), 'late');
    await workers.end();
  });

  async function withWorker<T>(
    train: () => ReturnType<Train>,
    body: (handle: WorkflowHandle) => Promise<T>,
  ): Promise<T> {
    attempts = 0;
    const workers = await startWorkers(() => {
      attempts += 1;
      return train();
    });
    try {
      return await body(await start());
    } finally {
      await workers.end();
    }
  }

  function start(): Promise<WorkflowHandle> {
    const workflowId = `training/${crypto.randomUUID()}`;
    return client.workflow.start('trainOnce', { workflowId, taskQueue: LIGHT_QUEUE, args: [{}] });
  }

  async function startWorkers(train: Train): Promise<{ end(): Promise<void> }> {
    const run = (): Promise<never> => Promise.reject(new Error('only trainings run here'));
    const workers = [
      await Worker.create({ connection, taskQueue: LIGHT_QUEUE, workflowBundle }),
      await Worker.create({
        connection,
        taskQueue: TRAINING_QUEUE,
        activities: createTrainingActivities({ run, train }),
      }),
    ];
    const running = Promise.all(workers.map((worker) => worker.run()));
    return {
      end: async () => {
        for (const worker of workers) worker.shutdown();
        await running;
      },
    };
  }
});

async function failureOf(handle: WorkflowHandle): Promise<ApplicationFailure> {
  try {
    await handle.result();
  } catch (error) {
    const cause = error instanceof WorkflowFailedError ? error.cause?.cause : error;
    assert.ok(cause instanceof ApplicationFailure, String(error));
    return cause;
  }
  return assert.fail('the training succeeded');
}

async function untilTrue(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
}

function model(id: string): Awaited<ReturnType<Train>> {
  return { id } as Awaited<ReturnType<Train>>;
}
