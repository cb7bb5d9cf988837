import { setWorkflowOptions } from '@temporalio/workflow';
import { monitorDataset } from './monitor-dataset.ts';
import { monitorPipeline } from './monitor-pipeline.ts';

// The workflows of a worker that belongs to a release: a run ends under the code that it began with; a pipeline, which
// never ends, goes over to the release that is current. A server refuses this of a worker without a release.
setWorkflowOptions({ versioningBehavior: 'PINNED' }, monitorDataset);
setWorkflowOptions({ versioningBehavior: 'AUTO_UPGRADE' }, monitorPipeline);

export { monitorDataset, monitorPipeline };
