/** `calmops reprocess --pipeline P …`: runs files again whose outcome says nothing final, also those of long ago. */
import { stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { WorkflowUpdateFailedError, type Client } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { durationMs } from '../core/duration.ts';
import { visible } from '../core/visible.ts';
import { hashFile } from '../data/hash-file.ts';
import { connectClient } from '../shell/connection.ts';
import { createFileLogger } from '../shell/logging.ts';
import { runProcess } from '../shell/process.ts';
import { pipelineNamed, readPipelines } from '../starter/pipelines.ts';
import { recordedRuns, type RecordedRun } from '../starter/recorded-runs.ts';
import { keepConfiguration } from '../starter/keep-configuration.ts';
import { startPipeline } from '../starter/start-monitor.ts';
import { openLocalStore } from '../store/local-store.ts';
import {
  NO_ROOM,
  pipelineWorkflowId,
  reprocess,
  RERUNNABLE_OUTCOMES,
  RUN_OUTCOMES,
  type RunOutcome,
} from '../workflows/contract.ts';

const USAGE = `Usage: npm run calmops -- reprocess --pipeline NAME [options] [FILE…]

Runs files again that have an outcome already, whenever that was. CalmOps must be running.
Each gets a report of its own beside the one that it has, and meets the champion that is in force now.

  -p, --pipeline NAME   a folder in pipelines/
  --outcome A,B,…       those whose latest run ended so; of: ${RUN_OUTCOMES.join(', ')}
                        without FILE and without this: ${[...RERUNNABLE_OUTCOMES].join(', ')}
  --since WHEN          only runs that ended since then: 2026-01-31, 2026-01-31T08:00Z, or how long ago, such as 2h or 7d
  --by NAME, --why TEXT kept with what it leads to
  FILE                  a path, the name that a file had when it ran, or at least 8 digits of its sha256

Exit code: 0 all that were found are queued, 1 an error, or nothing was found.`;

interface Wanted {
  readonly pipeline: string;
  readonly files: readonly string[];
  /** null: whatever they were */
  readonly outcomes: ReadonlySet<RunOutcome> | null;
  /** ms since the epoch */
  readonly since: number;
  readonly by: string;
  readonly why: string;
}

await runProcess(
  { component: 'reprocess', log: createFileLogger },
  async ({ settings, signal }) => {
    const wanted = readArguments(process.argv.slice(2));
    if (wanted === null) {
      console.log(USAGE);
      return 0;
    }
    if (typeof wanted === 'string') {
      console.error(`${wanted}\n\n${USAGE}`);
      return 1;
    }
    const pipelines = await readPipelines(settings.pipelinesFolder, settings.home);
    const config = pipelineNamed(pipelines, wanted.pipeline, settings.pipelinesFolder);
    const store = openLocalStore(settings.storeFolder);
    const { runs, damaged } = await recordedRuns(store, config.name);
    for (const uri of damaged) {
      console.error(`${uri} in the store is damaged and was left out: put it back from a backup.`);
    }
    const { chosen, unknown } = await choose(runs, wanted);
    for (const file of unknown)
      console.error(visible(`${file}: no run of ${config.name} was of it.`));
    if (chosen.length === 0) {
      console.error(`No run of ${config.name} is like that; nothing is run again.`);
      return 1;
    }
    const client = await connectClient();
    try {
      await startPipeline(client, await keepConfiguration(config, store), []);
      for (const run of chosen) await runAgain(client, config.name, run, wanted, signal);
    } finally {
      await client.connection.close();
    }
    const count = chosen.length === 1 ? '1 file is' : `${chosen.length} files are`;
    console.log(`${count} queued in ${config.name} to be run again.`);
    return unknown.length === 0 ? 0 : 1;
  },
);

/** null: the usage is wanted; a string: what is wrong with the arguments. */
function readArguments(args: string[]): Wanted | null | string {
  try {
    const { values, positionals: files } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        pipeline: { type: 'string', short: 'p' },
        outcome: { type: 'string' },
        since: { type: 'string' },
        by: { type: 'string' },
        why: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (values.help === true) return null;
    const { pipeline, outcome, since } = values;
    if (pipeline === undefined) return 'Name a pipeline with --pipeline.';
    return {
      pipeline,
      files,
      outcomes: outcomesOf(outcome, files),
      since: since === undefined ? -Infinity : momentOf(since),
      by: values.by ?? userInfo().username,
      why: values.why ?? 'asked for on the command line',
    };
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    return error.message;
  }
}

function outcomesOf(
  given: string | undefined,
  files: readonly string[],
): ReadonlySet<RunOutcome> | null {
  if (given === undefined) return files.length > 0 ? null : RERUNNABLE_OUTCOMES;
  const names = given.split(',').map((name) => name.trim());
  return new Set(
    names.map((name) => {
      const outcome = RUN_OUTCOMES.find((each) => each === name);
      if (outcome !== undefined) return outcome;
      throw new RangeError(
        `--outcome: there is no '${name}'; there are ${RUN_OUTCOMES.join(', ')}.`,
      );
    }),
  );
}

function momentOf(given: string): number {
  if (/^\d+[a-z]+$/.test(given)) return Date.now() - durationMs(given);
  const moment = Date.parse(given);
  if (!Number.isNaN(moment)) return moment;
  throw new RangeError(
    `--since: expected a moment such as 2026-01-31T08:00Z or a duration such as 2h, got '${given}'.`,
  );
}

interface Choice {
  readonly chosen: readonly RecordedRun[];
  /** what was named and is no file of a run */
  readonly unknown: readonly string[];
}

async function choose(
  runs: readonly RecordedRun[],
  { files, outcomes, since }: Wanted,
): Promise<Choice> {
  const fitting = runs.filter(
    ({ outcome, finishedAt }) =>
      (outcomes === null || outcomes.has(outcome)) && Date.parse(finishedAt) >= since,
  );
  if (files.length === 0) return { chosen: fitting, unknown: [] };
  const named = new Map<string, RecordedRun>();
  const unknown: string[] = [];
  for (const given of files) {
    const found = await runsOf(given, fitting);
    if (found.length === 0) unknown.push(given);
    for (const run of found) named.set(run.file.sha256, run);
  }
  return { chosen: fitting.flatMap(({ file }) => named.get(file.sha256) ?? []), unknown };
}

/** A file that is there is read where it is named, wherever it was when it ran. */
async function runsOf(
  given: string,
  runs: readonly RecordedRun[],
): Promise<readonly RecordedRun[]> {
  const absolute = path.resolve(given);
  const isFile = (await stat(absolute).catch(() => null))?.isFile() ?? false;
  if (isFile) {
    const { sha256 } = await hashFile(absolute);
    const name = path.basename(absolute);
    const arrivedAt = new Date().toISOString();
    return runs
      .filter(({ file }) => file.sha256 === sha256)
      .map((run) => ({ ...run, file: { ...run.file, name, path: absolute, arrivedAt } }));
  }
  const isHash = /^[0-9a-f]{8,64}$/.test(given);
  return runs.filter(
    ({ file }) => file.name === given || (isHash && file.sha256.startsWith(given)),
  );
}

const FULL_POLL_MS = 2_000;

/** Waits for room where as many files wait as the pipeline takes in. */
async function runAgain(
  client: Client,
  pipeline: string,
  { file, outcome }: RecordedRun,
  { by, why }: Wanted,
  signal: AbortSignal,
): Promise<void> {
  const handle = client.workflow.getHandle(pipelineWorkflowId(pipeline));
  for (;;) {
    signal.throwIfAborted();
    try {
      await handle.executeUpdate(reprocess, { args: [{ by, why, sha256: file.sha256, file }] });
      console.log(visible(`${file.name} was ${outcome}, and is run again`));
      return;
    } catch (error) {
      if (!(error instanceof WorkflowUpdateFailedError)) throw error;
      const { cause } = error;
      if (!(cause instanceof ApplicationFailure && cause.type === NO_ROOM)) {
        const reason = cause?.message ?? error.message;
        throw new Error(`${file.name} is not run again: ${reason}`, { cause: error });
      }
      console.error(`${pipeline} takes in no more files just now; waiting for room`);
      await delay(FULL_POLL_MS, undefined, { signal });
    }
  }
}
