/** `calmops compare REFERENCE CURRENT`: what has changed between two files, without Temporal, store or model. */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { compareSummaries } from '../core/drift/detect.ts';
import { explainReport } from '../core/drift/explain/explain-report.ts';
import type { TableSummary } from '../core/drift/summary/table-summary.ts';
import { InfrastructureError } from '../core/infrastructure-error.ts';
import { visible } from '../core/visible.ts';
import { InvalidDatasetError } from '../data/invalid-dataset.ts';
import { summariseBoth } from '../data/summarise-both.ts';
import { detectionOptionsOf } from '../pipelines/detection-options.ts';
import { pipelineSchema, type PipelineConfig } from '../pipelines/schema.ts';
import { childEnvironment } from '../shell/child-environment.ts';
import { createFileLogger } from '../shell/logging.ts';
import { runProcess } from '../shell/process.ts';
import type { Settings } from '../shell/settings.ts';
import { NoSuchPipelineError, pipelineNamed, readPipelines } from '../starter/pipelines.ts';
import { describeReport, hasChanged } from './drift-words.ts';
import { describeExplanation } from './explanation-words.ts';

const USAGE = `Usage: npm run calmops -- compare REFERENCE CURRENT [options]

Says which columns of one file are different from those of another, by the tests that pipelines use.
Ends with 0 when nothing material changed, with 2 when something has, with 1 for an error.

  --pipeline NAME   compares as this pipeline does: its files' format, its detection, the columns that it ignores
  --target COLUMN   what is to be predicted: that it is missing from the second file is no change
  --explain         says where and since when as well: which rows, from which row on, which pairs of columns
  --json FILE       writes the whole report too`;

/** The name of no column. */
const NO_COLUMN = '';

interface Wanted {
  readonly reference: string;
  readonly current: string;
  readonly pipeline: string | undefined;
  readonly target: string | undefined;
  readonly explain: boolean;
  readonly json: string | undefined;
}

await runProcess({ component: 'compare', log: createFileLogger }, async ({ settings }) => {
  const wanted = readArguments();
  if (typeof wanted === 'string') {
    console.error(`${wanted}\n\n${USAGE}`);
    return 1;
  }
  try {
    const config = await configOf(wanted, settings);
    const { format, csv } = config.files;
    const [before, now] = await summariseBoth(wanted.reference, wanted.current, {
      ...{ format, csv, mostMemoryMb: settings.readMemoryMb, env: childEnvironment() },
      followSymlinks: true,
    });
    const options = detectionOptionsOf(config);
    const report = compareSummaries(before, now, options);
    const explaining = { ...config, timeColumn: timesOf(now, config.timeColumn) };
    const explanation = wanted.explain ? explainReport(report, before, now, explaining) : null;
    console.log(visible(describeReport(report, options.falseAlarmRate)));
    if (explanation !== null) console.log(visible(`\n${describeExplanation(explanation)}`));
    if (wanted.json !== undefined) {
      const whole = explanation === null ? report : { ...report, explanation };
      await writeFile(wanted.json, `${JSON.stringify(whole, null, 2)}\n`);
    }
    return hasChanged(report) ? 2 : 0;
  } catch (error) {
    const isOfInput =
      error instanceof InvalidDatasetError ||
      error instanceof InfrastructureError ||
      error instanceof NoSuchPipelineError;
    if (!isOfInput) throw error;
    console.error(visible(error.message));
    return 1;
  }
});

type Compared = Pick<
  PipelineConfig,
  'files' | 'detection' | 'target' | 'ignore' | 'timeColumn' | 'seed'
>;

/** As the pipeline says, or as one that says nothing does. */
async function configOf({ pipeline, target }: Wanted, settings: Settings): Promise<Compared> {
  const { pipelinesFolder, home } = settings;
  if (pipeline !== undefined) {
    const pipelines = await readPipelines(pipelinesFolder, home);
    const named = pipelineNamed(pipelines, pipeline, pipelinesFolder);
    return target === undefined ? named : { ...named, target };
  }
  const config = pipelineSchema.parse({ name: 'any', files: { folder: '.' }, target: 'any' });
  return { ...config, target: target ?? NO_COLUMN };
}

/** The time column, if the file has it and it orders rows: else these are in the order of the file. */
function timesOf({ columns }: TableSummary, timeColumn: string | undefined): string | undefined {
  const isThere = columns.some(({ name, kind }) => name === timeColumn && kind !== 'categorical');
  return isThere ? timeColumn : undefined;
}

/** What is wanted, or what is wrong with the words. */
function readArguments(): Wanted | string {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        pipeline: { type: 'string' },
        target: { type: 'string' },
        explain: { type: 'boolean', default: false },
        json: { type: 'string' },
      },
    });
    const [reference, current, ...rest] = positionals;
    if (reference === undefined || current === undefined || rest.length > 0) {
      return `Expected two files, found ${positionals.length}.`;
    }
    const { pipeline, target, explain, json } = values;
    return { reference, current, pipeline, target, explain, json };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return error.message;
  }
}
