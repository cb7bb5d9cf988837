export { monitorDataset } from './monitor-dataset.ts';
export { monitorPipeline } from './monitor-pipeline.ts';
