import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import type { WorkerOptions } from '@temporalio/worker';
import type { Settings } from '../shell/settings.ts';

/** Where the workflows' sources are, for the SDK to bundle. */
export const workflowsPath: string = fileURLToPath(
  new URL('../workflows/index.ts', import.meta.url),
);

/** The same, with what worker versioning has to know of each. */
const versionedPath = fileURLToPath(new URL('../workflows/versioned.ts', import.meta.url));

/**
 * The workflows for a worker: a bundle made ahead, as in the image, or the sources, bundled at its start. The bundle made
 * ahead knows neither of releases nor of a failure converter, which is a part of a bundle: with either the sources are taken.
 */
export function workflowSource(
  { workflowBundle: codePath, release }: Settings,
  { failureConverterPath }: DataConverter,
): Pick<WorkerOptions, 'workflowBundle'> | Pick<WorkerOptions, 'workflowsPath'> {
  if (release !== null) return { workflowsPath: versionedPath };
  if (codePath === null || failureConverterPath !== undefined) return { workflowsPath };
  return { workflowBundle: { codePath } };
}
