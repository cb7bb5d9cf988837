import { compareSummaries } from '../../core/drift/detect.ts';
import type { TableSummary } from '../../core/drift/summary/table-summary.ts';
import { summariseDataset, type ReadOptions } from '../../data/read-dataset.ts';
import { pipelineSchema } from '../../pipelines/schema.ts';

/**
 * Compares two files in a process of its own, so that its time and peak memory can be told, under the defaults of a
 * pipeline. Arguments: reference, current, and a folder for working files.
 */
const [reference = '', current = '', scratchFolder = ''] = process.argv.slice(2);
const config = pipelineSchema.parse({ name: 'x', files: { folder: 'x' }, target: 'c1' });
const reading: ReadOptions = { format: 'auto', csv: config.files.csv, scratchFolder };

const summarise = (file: string): Promise<TableSummary> => summariseDataset(file, reading);
// A text file is unpacked as a whole into the database: one at a time.
const [before, now] = reference.endsWith('.csv')
  ? [await summarise(reference), await summarise(current)]
  : await Promise.all([summarise(reference), summarise(current)]);
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
