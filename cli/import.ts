/**
 * `calmops import PIPELINE --ml-random-forest FILE --reference DATA`: a forest that was trained elsewhere, as the first
 * champion of a pipeline, or beside its champion until the gate decides.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { WorkflowUpdateFailedError, type Client } from '@temporalio/client';
import { openCheckpoints } from '../activities/training/checkpoints.ts';
import { SchemaMismatchError, type Environment } from '../activities/environment.ts';
import { importModel, type ModelToImport } from '../activities/models/import-model.ts';
import { createRecentTables } from '../activities/datasets/recent-tables.ts';
import { METRIC_WORDS } from '../core/models/metrics/evaluation.ts';
import { InfrastructureError } from '../core/infrastructure-error.ts';
import { hashFile } from '../data/hash-file.ts';
import { InvalidDatasetError } from '../data/invalid-dataset.ts';
import type { PipelineConfig } from '../pipelines/schema.ts';
import { connectClient } from '../shell/connection.ts';
import { createFileLogger } from '../shell/logging.ts';
import { runProcess } from '../shell/process.ts';
import type { Settings } from '../shell/settings.ts';
import { pipelineNamed, readPipelines } from '../starter/pipelines.ts';
import { keepConfiguration } from '../starter/keep-configuration.ts';
import { startPipeline } from '../starter/start-monitor.ts';
import { openLocalStore } from '../store/local-store.ts';
import { codeVersion } from '../worker/version.ts';
import {
  importModel as importUpdate,
  MAX_SHADOW_FILES,
  pipelineStatus,
  pipelineWorkflowId,
  type DatasetFile,
  type ModelRef,
  type StoredConfig,
} from '../workflows/contract.ts';

const USAGE = `Usage: npm run calmops -- import PIPELINE --ml-random-forest FILE --reference DATA [options]

Takes in a forest that was trained elsewhere with the package ml-random-forest. CalmOps must be running.
A pipeline without a champion puts it in force. Else it runs beside the champion, and the gate decides.

  --ml-random-forest FILE   JSON of the package's classifier or regression
  --reference DATA          labelled rows that it was not trained on: what it scores, and what later files are
                            compared with
  --trained-on DATA         a file that it was trained on, which it is then never compared on; may be repeated
  --features A,B,…          its columns, in their order, unless the file names them
  --classes A,B,…           its labels 0, 1, …, in this order, unless the file names them or they are numbers
  --shadow N                files with labels on which it runs beside the champion; 0: it is kept as a candidate
  --by NAME, --why TEXT     kept with what it leads to`;

/** Files on which it runs beside the champion, where neither the command nor the pipeline says how many. */
const SHADOW_FILES = 3;

interface Wanted {
  readonly pipeline: string;
  readonly forest: string;
  readonly reference: string;
  readonly trainedOn: readonly string[];
  readonly features: readonly string[] | undefined;
  readonly classes: readonly string[] | undefined;
  readonly shadow: number | undefined;
  readonly by: string;
  readonly why: string;
}

await runProcess({ component: 'import', log: createFileLogger }, async ({ settings }) => {
  const wanted = readArguments();
  if (typeof wanted === 'string') {
    console.error(`${wanted}\n\n${USAGE}`);
    return 1;
  }
  const pipelines = await readPipelines(settings.pipelinesFolder, settings.home);
  const config = pipelineNamed(pipelines, wanted.pipeline, settings.pipelinesFolder);
  const client = await connectClient();
  try {
    const model = await storedModel(wanted, config, settings);
    const kept = await keepConfiguration(config, openLocalStore(settings.storeFolder));
    console.log(await handOver(client, model, wanted, kept));
    return 0;
  } catch (error) {
    console.error(`${wanted.forest} was not imported: ${reasonOf(error)}`);
    return 1;
  } finally {
    await client.connection.close();
  }
});

/** What is wrong with what was given, for the person who gave it; anything else is thrown on. */
function reasonOf(error: unknown): string {
  if (error instanceof WorkflowUpdateFailedError) return error.cause?.message ?? error.message;
  const isOfInput =
    error instanceof InvalidDatasetError ||
    error instanceof InfrastructureError ||
    error instanceof SchemaMismatchError;
  if (!isOfInput) throw error;
  return error.message;
}

/** A string: what is wrong with the arguments. */
function readArguments(): Wanted | string {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        'ml-random-forest': { type: 'string' },
        reference: { type: 'string' },
        'trained-on': { type: 'string', multiple: true },
        features: { type: 'string' },
        classes: { type: 'string' },
        shadow: { type: 'string' },
        by: { type: 'string' },
        why: { type: 'string' },
      },
    });
    const [pipeline] = positionals;
    const { 'ml-random-forest': forest, reference, shadow } = values;
    if (pipeline === undefined) return 'Name the pipeline.';
    if (forest === undefined) return 'Name the model with --ml-random-forest.';
    if (reference === undefined) return 'Name a file of labelled rows with --reference.';
    if (shadow !== undefined && !/^\d{1,2}$/.test(shadow)) {
      return `--shadow is a number of files from 0 to ${MAX_SHADOW_FILES}.`;
    }
    return {
      pipeline,
      forest,
      reference,
      trainedOn: values['trained-on'] ?? [],
      features: values.features?.split(','),
      classes: values.classes?.split(','),
      shadow: shadow === undefined ? undefined : Number(shadow),
      by: values.by ?? userInfo().username,
      why: values.why ?? `imported from ${path.basename(forest)}`,
    };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return error.message;
  }
}

async function storedModel(
  { forest, reference, trainedOn, features, classes }: Wanted,
  config: PipelineConfig,
  settings: Settings,
): Promise<ModelRef> {
  const scratchFolder = await mkdtemp(path.join(tmpdir(), 'calmops-import-'));
  const model: ModelToImport = {
    config,
    forest: { fileName: path.basename(forest), bytes: await readFile(forest) },
    reference: await fileAt(reference),
    trainedOn: await Promise.all(trainedOn.map(fileAt)),
    features,
    classes,
  };
  const environment: Environment = {
    store: openLocalStore(settings.storeFolder),
    recentTables: createRecentTables(),
    checkpoints: openCheckpoints(path.join(scratchFolder, 'checkpoints')),
    scratchFolder,
    codeVersion,
    fitMemory: { megabytes: settings.fitMemoryMb, threads: 1 },
    told: [],
  };
  try {
    return await importModel(model, environment);
  } finally {
    await rm(scratchFolder, { recursive: true, force: true });
  }
}

async function fileAt(file: string): Promise<DatasetFile> {
  const absolute = path.resolve(file);
  const arrivedAt = new Date().toISOString();
  return { name: path.basename(file), path: absolute, arrivedAt, ...(await hashFile(absolute)) };
}

/** Tells the pipeline, and says what became of the model. */
async function handOver(
  client: Client,
  model: ModelRef,
  { shadow: wanted, by, why }: Wanted,
  config: StoredConfig,
): Promise<string> {
  const files = wanted ?? config.gate.shadow ?? SHADOW_FILES;
  await startPipeline(client, config, []);
  const handle = client.workflow.getHandle(pipelineWorkflowId(config.name));
  await handle.executeUpdate(importUpdate, { args: [{ model, files, by, why }] });
  const { champion, shadow } = await handle.query(pipelineStatus);
  const { id, score } = model;
  const said = `${config.name}: model ${id} (${METRIC_WORDS[score.name]} ${score.value.toFixed(3)} on the reference)`;
  if (champion?.model.id === id) return `${said} is the champion`;
  if (shadow?.model.id !== id) return `${said} is kept as a candidate`;
  return `${said} runs beside the champion until both have met ${shadow.files} ${shadow.files === 1 ? 'file' : 'files'} with labels; then the gate decides`;
}
