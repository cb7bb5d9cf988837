import { bundleWorkflowCode, Worker, type NativeConnection } from '@temporalio/worker';
import { quietTemporal } from './quiet.ts';
import { workflowsPath } from '../../worker/workflow-source.ts';
import { COMPUTE_QUEUE, LIGHT_QUEUE, TRAINING_QUEUE } from '../../workflows/contract.ts';
import { stubActivities } from './stub-activities.ts';

/**
 * The real workflows with stub activities, those of `stubActivities` or others, on all queues.
 * @param workflows path of other workflow code, which takes the place of the real one
 */
export async function startStubWorker(
  connection: NativeConnection,
  activities: ReturnType<typeof stubActivities> = stubActivities(),
  workflows: string = workflowsPath,
): Promise<{ stop(): Promise<void> }> {
  quietTemporal();
  // Recorded histories name the worker: not by the machine that recorded them.
  const identity = 'stub-worker';
  const workflowBundle = await bundleWorkflowCode({ workflowsPath: workflows });
  const light = await Worker.create({
    connection,
    identity,
    workflowBundle,
    activities,
    taskQueue: LIGHT_QUEUE,
  });
  const compute = await Worker.create({
    connection,
    identity,
    activities,
    taskQueue: COMPUTE_QUEUE,
  });
  const training = await Worker.create({
    connection,
    identity,
    activities,
    taskQueue: TRAINING_QUEUE,
  });
  const running = Promise.all([light.run(), compute.run(), training.run()]);
  return {
    stop: async () => {
      light.shutdown();
      compute.shutdown();
      training.shutdown();
      await running;
    },
  };
}
