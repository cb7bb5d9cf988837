import { compareSummaries } from '../../core/drift/detect.ts';
import { summariseDataset, type ReadOptions } from '../../data/read-dataset.ts';
import { pipelineSchema } from '../../pipelines/schema.ts';

/**
 * Compares two files in a process of its own, so that its time and peak memory can be told, under the defaults of a
 * pipeline. Arguments: reference, current, and a folder for working files.
 */
const [reference = '', current = '', scratchFolder = ''] = process.argv.slice(2);
const config = pipelineSchema.parse({ name: 'x', files: { folder: 'x' }, target: 'c1' });
const reading: ReadOptions = { format: 'auto', csv: config.files.csv, scratchFolder };

const before = await summariseDataset(reference, reading);
const now = await summariseDataset(current, reading);
const report = compareSummaries(before, now, {
  ...config.detection,
  target: config.target,
  ignore: config.ignore,
});
const figures = {
  tests: report.tests,
  material: report.material.length,
  peakMb: process.resourceUsage().maxRSS / 1024,
};
process.stdout.write(`${JSON.stringify(figures)}\n`);
