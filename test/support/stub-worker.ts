import { bundleWorkflowCode, Worker, type NativeConnection } from '@temporalio/worker';
import { quietTemporal } from './quiet.ts';
import { workflowsPath } from '../../worker/workflow-source.ts';
import {
  COMPUTE_QUEUE,
  LIGHT_QUEUE,
  TRAINING_QUEUE,
  type ComputeActivities,
  type LightActivities,
} from '../../workflows/contract.ts';
import { stubActivities } from './stub-activities.ts';

/**
 * The real workflows with stub activities on all queues.
 * @param others activities in the place of stubs
 * @param workflows path of other workflow code, which takes the place of the real one
 */
export async function startStubWorker(
  connection: NativeConnection,
  others: Partial<ComputeActivities & LightActivities> = {},
  workflows: string = workflowsPath,
): Promise<{ stop(): Promise<void> }> {
  quietTemporal();
  // Recorded histories name the worker: not by the machine that recorded them.
  const identity = 'stub-worker';
  const activities = { ...stubActivities(), ...others };
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
