/** `npm run starter -- --pipeline P FILE…`: runs files, waits, prints the decisions; gates shell scripts. */
import { parseArgs } from 'node:util';
import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import { visible } from '../core/visible.ts';
import { connectClient, connectOptions } from '../shell/connection.ts';
import { createFileLogger, pipelineLogger } from '../shell/logging.ts';
import { runProcess, type ProcessContext } from '../shell/process.ts';
import { openLocalStore } from '../store/local-store.ts';
import type { DatasetFile } from '../workflows/contract.ts';
import { decisionTable } from './decision-table.ts';
import { Handover } from './handover.ts';
import { intakeOf, runningStatus } from './intake.ts';
import { pipelineNamed, readPipelines } from './pipelines.ts';
import { runFiles } from './run-files.ts';
import { exitCodeOf } from './run-outcome.ts';

const USAGE = `Usage: npm run starter -- --pipeline NAME FILE…

Runs dataset files through a pipeline, in the given order, waits for their outcomes and prints them.
CalmOps must be running (npm start), or a worker and a Temporal server (TEMPORAL_ADDRESS).
A file whose content the pipeline has seen before is not run again: its outcome is printed. One that was
invalid, failed, cancelled or gone is run again.

  -p, --pipeline NAME   a folder in pipelines/
  -h, --help            this text

Exit code: 0 no drift, 2 drift in at least one file, 1 an error or a file that could not be processed.
Ctrl-C stops waiting; the runs go on.`;

interface Request {
  readonly pipeline: string;
  readonly files: readonly string[];
}

/** null: print the usage; a string: what is wrong with the arguments */
function parseRequest(args: readonly string[]): Request | null | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        pipeline: { type: 'string', short: 'p' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (values.help === true) return null;
    if (values.pipeline === undefined) return 'name a pipeline with --pipeline';
    if (positionals.length === 0) return 'name at least one file';
    return { pipeline: values.pipeline, files: positionals };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function start(
  request: Request,
  { settings, logger, signal }: ProcessContext,
): Promise<number> {
  const pipelines = await readPipelines(settings.pipelinesFolder, settings.home);
  const config = pipelineNamed(pipelines, request.pipeline, settings.pipelinesFolder);
  const options = connectOptions();
  const client = await connectClient(options);
  const store = openLocalStore(settings.storeFolder, { mustExist: true });
  const handover = new Handover({
    intake: intakeOf(client),
    config,
    store,
    logger: pipelineLogger(logger, config.name),
    signal,
  });
  try {
    const outcomes = await runFiles({
      pipeline: config.name,
      paths: request.files,
      store,
      hand: (files) => handover.hand(files),
      onWaiting: (open) => sayWhatIsWaitedFor(client, config.name, open, logger),
      signal,
    });
    const ui = { base: settings.temporalUi, namespace: options.namespace };
    console.log(visible(decisionTable(outcomes, ui)));
    return exitCodeOf(outcomes.map(({ outcome }) => outcome));
  } finally {
    await client.connection.close();
  }
}

/** @returns whether the pipeline has nothing to do */
async function sayWhatIsWaitedFor(
  client: Client,
  pipeline: string,
  open: readonly DatasetFile[],
  logger: Logger,
): Promise<boolean> {
  const files = open.length === 1 ? (open[0]?.name ?? 'a file') : `${open.length} files`;
  try {
    const status = await runningStatus(client, pipeline);
    const doing =
      status === null
        ? 'the pipeline has no running workflow'
        : status.paused === null
          ? `the pipeline is ${status.state}, ${status.queued} queued`
          : `the pipeline was paused by ${status.paused.by}: ${status.paused.why}`;
    console.error(`Waiting for ${files}: ${doing}`);
    return status === null || status.state === 'idle';
  } catch (error) {
    logger.debug({ err: error }, 'The pipeline does not say what it is doing');
    console.error(`Waiting for ${files}: no worker answers`);
    return false;
  }
}

const request = parseRequest(process.argv.slice(2));
if (request === null) console.log(USAGE);
else if (typeof request === 'string') {
  console.error(`${request}\n\n${USAGE}`);
  process.exitCode = 1;
} else {
  await runProcess({ component: 'starter', log: createFileLogger }, (context) =>
    start(request, context),
  );
}
