/** A run: how far it is, what it found, how it ended, and what it is given and gives back. */
import { defineQuery, defineSignal } from '@temporalio/workflow';
import type { BreakerState } from '../../core/breaker.ts';
import type { Action, Decision } from '../../core/decision.ts';
import type { PerformanceEstimate } from '../../core/drift/label-free/estimate.ts';
import type { Comparison, MetricEstimate } from '../../core/models/metrics/evaluation.ts';
import type { ArtefactRef } from '../../store/artefact-store.ts';
import type { GivenConfig } from './configuration.ts';
import type { Dataset, DatasetFile, LateEvaluation } from './datasets.ts';
import type { ChampionEvaluation, DriftSummary } from './examination.ts';
import type { AppointmentAnswer, Candidate, ModelRef, Shadow, ShadowReport } from './models.ts';
import { runWorkflowId } from './names.ts';
import type { Sequel, SequelOfRun } from './sequels.ts';

export type Stage =
  'ingest' | 'examine' | 'decide' | 'train' | 'compare' | 'promote' | 'predict' | 'publish';

export interface RunProgress {
  readonly file: DatasetFile;
  readonly startedAt: string;
  /** stages in the order in which they began; the last one is under way unless `finished` */
  readonly stages: readonly { readonly stage: Stage; readonly startedAt: string }[];
  readonly finished: boolean;
  readonly decision: Decision | null;
}

/** How a run ended. Exactly one for every file. */
export const RUN_OUTCOMES = [
  'trained',
  'kept',
  'promoted',
  'refused',
  'withheld',
  'shadowed',
  'rolled back',
  'predicted',
  'waiting',
  'invalid',
  'failed',
  'cancelled',
  'gone',
] as const;
export type RunOutcome = (typeof RUN_OUTCOMES)[number];

/**
 * Outcomes after which a file is run again as soon as it is dropped again or somebody asks for it: what was wrong may be
 * mended by then. `gone`: its bytes were not there any more, which says nothing about them.
 */
export const RERUNNABLE_OUTCOMES: ReadonlySet<RunOutcome> = new Set<RunOutcome>([
  'invalid',
  'failed',
  'cancelled',
  'gone',
]);

/** A run in one row of a table. Kept by `monitorPipeline`, sealed into the store when old. */
export interface RunSummary {
  /** position in the pipeline's order, from 1 */
  readonly sequence: number;
  readonly workflowId: string;
  readonly fileName: string;
  /** where the workers read it; it may be gone by now, its data are in the store */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly revision: number;
  readonly arrivedAt: string;
  readonly finishedAt: string;
  readonly outcome: RunOutcome;
  /** what was decided; null when the run ended before the decision */
  readonly action: Action | null;
  /** one sentence for people */
  readonly reason: string;
  readonly rows: number | null;
  readonly driftScore: number | null;
  /** the champion's primary metric on this file, before anything was trained */
  readonly metric: MetricEstimate | null;
  /** id of the model in force after the run; null when none is yet */
  readonly championId: string | null;
  readonly report: ArtefactRef | null;
  /** the latest of what became known after it ended; absent: nothing did */
  readonly sequel?: Sequel;
}

/** The part of a summary that is known before a run begins. */
export function summaryHead(
  pipeline: string,
  file: DatasetFile,
  revision: number,
  sequence: number,
): Pick<
  RunSummary,
  'sequence' | 'workflowId' | 'fileName' | 'path' | 'bytes' | 'sha256' | 'revision' | 'arrivedAt'
> {
  return {
    sequence,
    workflowId: runWorkflowId(pipeline, file.sha256, revision),
    fileName: file.name,
    path: file.path,
    bytes: file.bytes,
    sha256: file.sha256,
    revision,
    arrivedAt: file.arrivedAt,
  };
}

/** The whole of a run: what the run page shows and `reports/` keeps. */
export interface RunReport {
  readonly version: 1;
  readonly pipeline: string;
  readonly summary: RunSummary;
  readonly file: DatasetFile;
  readonly dataset: Dataset | null;
  /** the model in force when the run began; null: none was; absent in reports that do not tell */
  readonly champion?: ModelRef | null;
  readonly drift: DriftSummary | null;
  readonly evaluation: ChampionEvaluation | null;
  /** of a file without labels; absent or null where it was not asked for, null also in older reports without an estimate */
  readonly estimated?: PerformanceEstimate | null;
  readonly decision: Decision | null;
  readonly challenger: ModelRef | null;
  readonly comparison: Comparison | null;
  /** for labels that came late: how good the predictions had been; absent where there were none */
  readonly late?: LateEvaluation;
  /** the challenger that ran beside the champion on this file; absent where none did */
  readonly shadow?: ShadowReport;
  readonly predictions: ArtefactRef | null;
  readonly failure: { readonly type: string; readonly message: string } | null;
  /** absent in reports of older code and of runs that could not write their own */
  readonly left?: LeftByRun;
}

/** What a run leaves to its pipeline beside its summary, so that the pipeline can be put together again from reports. */
export interface LeftByRun {
  /** challengers that were not put in force, in the order in which they were refused */
  readonly candidates: readonly Candidate[];
  /** the challenger in shadow after the run; null: its time is over; absent: nothing changed */
  readonly shadow?: Shadow | null;
  /** over all that was tested of the file; null where nothing was */
  readonly filePValue: number | null;
  /** what it tells of an earlier run; absent: nothing */
  readonly sequel?: SequelOfRun;
  /** see `RunResult` */
  readonly damaged?: readonly string[];
  readonly infrastructureFailed?: true;
}

/** What a run hands back to its pipeline. */
export interface RunResult {
  readonly run: RunSummary;
  /** the challenger that was trained last and not put in force */
  readonly candidate: Candidate | null;
  /** challengers of the run that were refused before that one, and one in shadow that was refused on it */
  readonly otherCandidates?: readonly Candidate[];
  /** the challenger in shadow after the run; null: its time is over; absent: nothing changed */
  readonly shadow?: Shadow | null;
  /** ids of models of the pipeline that it found damaged; absent: none */
  readonly damaged?: readonly string[];
  /** it failed for want of a worker, a disk or the store: neither its data nor a training is to blame */
  readonly infrastructureFailed?: true;
  /** what it tells of an earlier run; absent: nothing */
  readonly sequel?: SequelOfRun;
  /** over all that was tested of the file; null or absent where nothing was */
  readonly filePValue?: number | null;
}

export interface MonitorDatasetInput {
  readonly config: GivenConfig;
  readonly file: DatasetFile;
  readonly revision: number;
  readonly sequence: number;
  readonly champion: ModelRef | null;
  readonly previous: ModelRef | null;
  readonly breaker: BreakerState;
  /** a person asked for this: retrain whatever the numbers say */
  readonly forced: Request | null;
  /** the challenger in shadow, if there is one */
  readonly shadow?: Shadow | null;
  /** why retraining rests after a promotion, in words; absent or null: it does not */
  readonly cooling?: string | null;
  /** the false-alarm rate of this file, over all of its tests; absent: what the configuration says of one file */
  readonly falseAlarmRate?: number;
  /**
   * Of the code that began the run, which goes on as that code would have: absent means 1. It tells what `patched` would,
   * without the two events that each of these costs every run. 2: the outcome is written where lists show it.
   * 3: every patch of version 2 holds, and a run that is cancelled hears what its proposal was answered.
   */
  readonly version?: 2 | 3;
  /** whether further files wait behind this one; absent: unknown */
  readonly backlog?: boolean;
}

/** Who asked for something, and why. Recorded with what it led to. */
export interface Request {
  readonly by: string;
  readonly why: string;
}

export const runProgress = defineQuery<RunProgress>('runProgress');
/** null until the run has its outcome */
export const runReport = defineQuery<RunReport | null>('runReport');
/** The pipeline's answer to a run that wants to change the champion. */
export const appointmentAnswered = defineSignal<[AppointmentAnswer]>('appointmentAnswered');
