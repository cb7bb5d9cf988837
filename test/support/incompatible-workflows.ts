/** Workflow code that does not fit the histories of CalmOps, as a wrong deployment would be. */
import { sleep } from '@temporalio/workflow';

export { monitorDataset } from '../../workflows/monitor-dataset.ts';

export async function monitorPipeline(): Promise<void> {
  await sleep('1 day');
}
