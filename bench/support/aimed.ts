import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { pipelineStatus, pipelineWorkflowId } from '../../workflows/contract.ts';
import { drop, type StreamFile } from './drop.ts';
import { finalState, type FinalState } from './final-state.ts';
import { install, type Installation } from './installation.ts';
import { treeSeconds } from './linux-processes.ts';
import { reportCount, untilReports } from './outcomes.ts';
import type { EndSignal, Part } from './parts.ts';
import { startedActivities, workerOf } from './pending-activities.ts';

/** Ends of the worker that are aimed at one activity of one file. */
export interface Aim {
  readonly file: StreamFile;
  /** what pipeline.yaml says */
  readonly pipeline: Readonly<Record<string, unknown>>;
  readonly activity: 'ingest' | 'train';
  readonly signal: EndSignal;
  /** 0: it is left alone */
  readonly times: number;
  /** a second worker runs, and the first one that is hit stays away */
  readonly secondWorker?: boolean;
}

export interface AimedAt {
  readonly state: FinalState;
  readonly breakerFailures: number;
  /** processor seconds of each attempt, those that were ended first */
  readonly secondsOfAttempts: readonly number[];
  /** files that were in the checkpoint when the last attempt began: each holds about a second of work */
  readonly checkpointFiles: number;
  /** who was ended, in order */
  readonly hit: readonly Part[];
  /** who finished the work */
  readonly finishedBy: Part;
}

const PIPELINE = 'aimed';
const POLL_MS = 50;
/** Back-off after three attempts that were ended, and the heartbeat timeout before each, come to several minutes. */
const PATIENCE_MS = 900_000;

/** Drops the file into a new installation and ends the worker each time that it has the activity under way. */
export async function aimAt(aim: Aim): Promise<AimedAt> {
  const installation = await install({ [PIPELINE]: aim.pipeline });
  try {
    if (aim.secondWorker === true) await installation.parts.start('secondWorker');
    await drop(installation.incoming(PIPELINE), aim.file);
    const secondsOfAttempts: number[] = [];
    const hit: Part[] = [];
    let checkpointFiles = 0;
    for (let attempt = 1; attempt <= aim.times + 1; attempt++) {
      const isLast = attempt > aim.times;
      const part = await untilUnderWay(installation, aim.activity, attempt);
      const pid = installation.parts.pid(part) ?? 0;
      const before = await treeSeconds(pid);
      if (isLast) checkpointFiles = await filesOf(installation);
      await (isLast
        ? untilReports(installation, PIPELINE, 1, PATIENCE_MS)
        : untilWorthEnding(installation, aim.activity));
      secondsOfAttempts.push((await treeSeconds(pid)) - before);
      if (!isLast) {
        hit.push(part);
        await installation.parts.end(part, aim.signal);
        if (aim.secondWorker !== true) await installation.parts.start(part);
        continue;
      }
      return {
        ...{ secondsOfAttempts, checkpointFiles, hit, finishedBy: part },
        state: await finalState(path.join(installation.home, 'store')),
        breakerFailures: await breakerFailures(installation),
      };
    }
    throw new RangeError(`aimed ${aim.times} times: must be 0 or above`);
  } finally {
    await installation.remove();
  }
}

/** Waits for an attempt of at least this number. @returns the part that has it */
async function untilUnderWay(
  installation: Installation,
  activity: string,
  attempt: number,
): Promise<Part> {
  const deadline = performance.now() + PATIENCE_MS;
  while (performance.now() < deadline) {
    const started = await startedActivities(installation.client);
    if (started.some((each) => each.name === activity && each.attempt >= attempt)) {
      const part = await workerOf(installation, activity);
      if (part !== null) return part;
    }
    // What was left to do took less than a look at it.
    if ((await reportCount(installation, PIPELINE)) > 0) {
      return installation.parts.pid('worker') === null ? 'secondWorker' : 'worker';
    }
    await setTimeout(POLL_MS);
  }
  throw new Error(`attempt ${attempt} of ${activity} did not begin within ${PATIENCE_MS / 1000} s`);
}

/** Long enough into an ingest that the file is being read. */
const INTO_INGEST_MS = 300;

/** A training is worth ending when it has just left something to the next one. */
async function untilWorthEnding(
  installation: Installation,
  activity: Aim['activity'],
): Promise<void> {
  if (activity === 'ingest') {
    await setTimeout(INTO_INGEST_MS);
    return;
  }
  const before = await filesOf(installation);
  const deadline = performance.now() + PATIENCE_MS;
  while ((await filesOf(installation)) <= before) {
    const isOver = (await reportCount(installation, PIPELINE)) > 0;
    if (isOver || performance.now() > deadline) {
      throw new Error(
        'the training left no checkpoint before its end: it was over too soon, and takes more trees',
      );
    }
    await setTimeout(POLL_MS);
  }
}

async function filesOf({ home }: Installation): Promise<number> {
  const folder = path.join(home, 'checkpoints');
  if (!existsSync(folder)) return 0;
  const names = await readdir(folder, { recursive: true });
  return names.filter((name) => name.endsWith('.bin')).length;
}

async function breakerFailures({ client }: Installation): Promise<number> {
  const handle = client.workflow.getHandle(pipelineWorkflowId(PIPELINE));
  const { breaker } = await handle.query(pipelineStatus);
  return breaker.kind === 'closed' ? breaker.failures : Infinity;
}
