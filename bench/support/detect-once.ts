import { summariseBoth, type ReadOptions } from '../../data/read-dataset.ts';
import { detectionOptionsOf } from '../../pipelines/detection-options.ts';
import { pipelineSchema } from '../../pipelines/schema.ts';

/**
 * Compares two files in a process of its own, so that its time and peak memory can be told, under the defaults of a
 * pipeline. Arguments: reference, current, and a folder for working files.
 */
const [reference = '', current = '', scratchFolder = ''] = process.argv.slice(2);
const config = pipelineSchema.parse({ name: 'x', files: { folder: 'x' }, target: 'c1' });
const reading: ReadOptions = { format: 'auto', csv: config.files.csv, scratchFolder };

const summarising = summariseBoth(reference, current, reading);
// Code that is needed last is loaded while the files are read.
const [{ compareSummaries }, [before, now]] = await Promise.all([
  import('../../core/drift/detect.ts'),
  summarising,
]);
const report = compareSummaries(before, now, detectionOptionsOf(config));
const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
const figures = {
  tests: report.tests,
  material: report.material.length,
  processorSeconds: (userCPUTime + systemCPUTime) / 1e6,
  peakMb: maxRSS / 1024,
};
process.stdout.write(`${JSON.stringify(figures)}\n`);
