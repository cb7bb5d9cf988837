import type { WorkerOptions } from '@temporalio/worker';
import type { Settings } from './settings.ts';

/**
 * Makes a worker one of a release, where the settings name one: Temporal then gives each run to the workers of the release
 * that it began with, and moves pipelines to the release that is current. `workflows/versioned.ts` says which does which; the
 * default holds for a workflow that says nothing, and there is none.
 */
export function workerVersioning({
  release,
}: Pick<Settings, 'release'>): Pick<WorkerOptions, 'workerDeploymentOptions'> {
  if (release === null) return {};
  return {
    workerDeploymentOptions: {
      version: release,
      useWorkerVersioning: true,
      defaultVersioningBehavior: 'PINNED',
    },
  };
}
