import { fileURLToPath } from 'node:url';
import type { WorkerOptions } from '@temporalio/worker';

/** Where the workflows' sources are, for the SDK to bundle. */
export const workflowsPath: string = fileURLToPath(
  new URL('../workflows/index.ts', import.meta.url),
);

/** A bundle made ahead, as in the image (`CALMOPS_WORKFLOW_BUNDLE`), or the sources, bundled at the start. */
export function workflowSource(
  env: NodeJS.ProcessEnv = process.env,
): Pick<WorkerOptions, 'workflowBundle'> | Pick<WorkerOptions, 'workflowsPath'> {
  const codePath = env['CALMOPS_WORKFLOW_BUNDLE'];
  if (codePath !== undefined && codePath !== '') return { workflowBundle: { codePath } };
  return { workflowsPath };
}
