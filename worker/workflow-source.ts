import { fileURLToPath } from 'node:url';
import type { WorkerOptions } from '@temporalio/worker';
import type { Settings } from '../shell/settings.ts';

/** Where the workflows' sources are, for the SDK to bundle. */
export const workflowsPath: string = fileURLToPath(
  new URL('../workflows/index.ts', import.meta.url),
);

/** The workflows for a worker: a bundle made ahead, as in the image, or the sources, bundled at its start. */
export function workflowSource({
  workflowBundle: codePath,
}: Settings): Pick<WorkerOptions, 'workflowBundle'> | Pick<WorkerOptions, 'workflowsPath'> {
  return codePath === null ? { workflowsPath } : { workflowBundle: { codePath } };
}
