/**
 * What the rest of CalmOps may say to the workflows and ask of them, and what the workflows ask of the
 * activities. Everything here is plain JSON; data, models and reports travel as references.
 */
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { BreakerState } from '../core/breaker.ts';
import type { Action, Decision } from '../core/decision.ts';
import type { ErrorCourse } from '../core/drift/explain/error-course.ts';
import type { KindsOfChange } from '../core/drift/explain/kinds.ts';
import type { EstimatedPerformance } from '../core/drift/label-free/estimated-performance.ts';
import type { Degradation } from '../core/drift/rules/calmops-performance.ts';
import type { TogetherFinding } from '../core/drift/together-finding.ts';
import type {
  Comparison,
  Evaluation,
  MetricEstimate,
  Performance,
} from '../core/models/evaluation.ts';
import type { Task } from '../core/models/model.ts';
import type { OnlineState } from '../core/stats/online/levels.ts';
import type { PipelineConfig } from '../pipelines/schema.ts';
import type { ArtefactRef } from '../store/artefact-store.ts';

export const LIGHT_QUEUE = 'calmops';
export const COMPUTE_QUEUE = 'calmops-compute';

export const pipelineWorkflowId = (pipeline: string): string => `pipeline/${pipeline}`;

/** `revision` counts deliberate repetitions (reprocess, forced retrain); 0 is the file's own run. */
export const runWorkflowId = (pipeline: string, sha256: string, revision: number): string =>
  revision === 0 ? `dataset/${pipeline}/${sha256}` : `dataset/${pipeline}/${sha256}/${revision}`;

/** Where the report of a run lives in the store; that it exists means that the run has its outcome. */
export const reportUri = (pipeline: string, sha256: string, revision: number): string =>
  `reports/${pipeline}/${sha256}${revision === 0 ? '' : `.${revision}`}.json`;

// --- Dataset files and models ---

/** A dataset file that arrived. Its identity is pipeline + sha256. */
export interface DatasetFile {
  /** file name without folders, for people */
  readonly name: string;
  /** absolute path at which the workers can read it */
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
  /** ISO 8601, when the watcher saw it settled */
  readonly arrivedAt: string;
}

/** A dataset as the store holds it. */
export interface Dataset {
  readonly ref: ArtefactRef;
  readonly sha256: string;
  readonly fileName: string;
  readonly rows: number;
  readonly columns: number;
  /** false: the target column is absent or has no value, so only predictions can be made */
  readonly labelled: boolean;
  /** null when the file is not labelled and pipeline.yaml does not say */
  readonly task: Task | null;
  /** said for people: given in pipeline.yaml, or inferred and from what */
  readonly taskReason: string;
  /** the file brought labels for this earlier one, whose data these are; absent: it is a file of its own */
  readonly labelsFor?: { readonly fileName: string; readonly sha256: string };
}

/** How good the predictions for a file were, as its labels tell when they come. */
export interface LateEvaluation {
  /** the model that was in force then */
  readonly modelId: string;
  readonly evaluation: Evaluation;
}

/** A trained model: where it is and what it scored when it was made. */
export interface ModelRef {
  readonly id: string;
  readonly artefact: ArtefactRef;
  readonly card: ArtefactRef;
  /** the data it was trained on: the reference of drift detection */
  readonly reference: ArtefactRef;
  readonly estimator: string;
  readonly task: Task;
  /** name of the file it was trained on */
  readonly trainedOn: string;
  readonly score: MetricEstimate;
}

/** A model that is or was in force, and why. */
export interface Appointment {
  readonly model: ModelRef;
  readonly since: string;
  readonly by: string;
  readonly why: string;
}

/** A challenger that was trained and not put in force, kept for study and for promotion by hand. */
export interface Candidate extends ModelRef {
  /** one sentence for people; absent for candidates of before it was kept */
  readonly refusedBecause?: string;
  /** of the run that ended its chances: it holds the comparison */
  readonly report?: ArtefactRef;
}

/** A file on which a challenger in shadow met the champion. */
export type ShadowFile = Pick<Dataset, 'ref' | 'sha256' | 'fileName'>;

/** A challenger that passed the gate on its own file and runs beside the champion until it is decided. */
export interface Shadow {
  readonly model: ModelRef;
  /** the champion that it is compared with; when that changes, the shadow ends */
  readonly championId: string;
  readonly since: string;
  /** what the gate said of it on its own file */
  readonly why: string;
  /** files that it is to see */
  readonly files: number;
  /** files seen so far, on all of whose labelled rows both were scored, oldest first */
  readonly seen: readonly ShadowFile[];
  /** what the gate says on all of them together; null before the first */
  readonly comparison: Comparison | null;
}

// --- Runs ---

export const STAGES = [
  'ingest',
  'examine',
  'decide',
  'train',
  'compare',
  'promote',
  'predict',
  'publish',
] as const;
export type Stage = (typeof STAGES)[number];

export interface RunProgress {
  readonly file: DatasetFile;
  readonly startedAt: string;
  /** stages in the order in which they began; the last one is under way unless `finished` */
  readonly stages: readonly { readonly stage: Stage; readonly startedAt: string }[];
  readonly finished: boolean;
  readonly decision: Decision | null;
}

/** Drift in one line; the whole report is in the store. */
export interface DriftSummary {
  readonly report: ArtefactRef;
  readonly score: number;
  readonly tests: number;
  readonly testedColumns: number;
  readonly columns: number;
  readonly materialCount: number;
  /** of the file over all of its drift tests: drift is found if it is at or below drift's share of the rate */
  readonly filePValue?: number | null;
  /** the columns taken together: what the strongest test says; null where they could not be tested */
  readonly together?: TogetherFinding | null;
  /** at most 10 of the columns with a material change, strongest first */
  readonly material: readonly string[];
  /** columns that had too few values to test */
  readonly insufficient: number;
  /** names of the files it was compared with, oldest first; absent: the data of the champion's training */
  readonly comparedWith?: readonly string[];
}

/** The champion and, where there is one, the previous model on a new file. */
export interface ChampionEvaluation {
  readonly champion: Performance;
  /** previous model against champion on all rows of the file; null when there is no previous */
  readonly previous: Comparison | null;
  /** the champion's errors in the order of the rows; absent where the pipeline does not want them watched */
  readonly errors?: ErrorCourse;
  /** the change taken apart into that of inputs, outcomes and concept; absent or null where it cannot be */
  readonly kinds?: KindsOfChange | null;
  /** by the rule of CalmOps for Python; absent where the pipeline does not ask for it */
  readonly degradation?: Degradation;
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
  'invalid',
  'failed',
  'cancelled',
] as const;
export type RunOutcome = (typeof RUN_OUTCOMES)[number];

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
  readonly drift: DriftSummary | null;
  readonly evaluation: ChampionEvaluation | null;
  /** of a file without labels; absent or null where it could not be estimated */
  readonly estimated?: EstimatedPerformance | null;
  readonly decision: Decision | null;
  readonly challenger: ModelRef | null;
  readonly comparison: Comparison | null;
  /** for labels that came late: how good the predictions had been; absent where there were none */
  readonly late?: LateEvaluation;
  /** the challenger that ran beside the champion on this file; absent where none did */
  readonly shadow?: ShadowReport;
  readonly predictions: ArtefactRef | null;
  readonly failure: { readonly type: string; readonly message: string } | null;
}

/** A challenger in shadow after a file: so many of so many files seen, and both on all of them together. */
export interface ShadowReport {
  readonly model: ModelRef;
  readonly seen: number;
  readonly files: number;
  readonly comparison: Comparison;
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
  /** over all that was tested of the file; null or absent where nothing was */
  readonly filePValue?: number | null;
}

export interface MonitorDatasetInput {
  readonly config: PipelineConfig;
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

/** A run asks the pipeline to put a model in force, if `expected` still is. */
export interface AppointmentProposal {
  readonly runWorkflowId: string;
  readonly kind: 'train' | 'promote' | 'rollback';
  readonly expectedChampionId: string | null;
  readonly model: ModelRef;
  readonly why: string;
}

export type AppointmentAnswer =
  { readonly accepted: true } | { readonly accepted: false; readonly reason: string };

// --- Pipelines ---

export interface MonitorPipelineInput {
  readonly config: PipelineConfig;
  /** absent on the first start; carried through continue-as-new */
  readonly carried?: CarriedState;
  /** continue as new after this many runs even if the server does not suggest it yet */
  readonly continueAfterRuns?: number;
}

/** What a pipeline carries through continue-as-new. All lists are bounded. */
export interface CarriedState {
  readonly champion: Appointment | null;
  readonly previous: Appointment | null;
  readonly breaker: BreakerState;
  readonly paused: (Request & { readonly at: string }) | null;
  readonly queue: readonly QueuedFile[];
  /** the newest runs, oldest first; older ones are in `sealedPages` pages in the store */
  readonly recent: readonly RunSummary[];
  readonly sealedPages: number;
  readonly sequence: number;
  /** the revision of the latest deliberate repetition; they count up over the whole pipeline */
  readonly revisions: number;
  readonly audit: readonly AuditEntry[];
  readonly candidates: readonly Candidate[];
  readonly shadow?: Shadow | null;
  /** the latest change of the champion after the first one: when, and in the run of which number */
  readonly promotion?: Promotion | null;
  /** what the levels of the next files depend on */
  readonly online?: OnlineState | null;
}

export interface Promotion {
  readonly at: string;
  readonly sequence: number;
}

export interface QueuedFile {
  readonly file: DatasetFile;
  readonly revision: number;
  readonly forced: Request | null;
}

/** Something a person did, kept with who and why. */
export interface AuditEntry extends Request {
  readonly at: string;
  readonly action:
    | 'pause'
    | 'resume'
    | 'retrain'
    | 'promote'
    | 'rollback'
    | 'resetBreaker'
    | 'configure'
    | 'reprocess';
  readonly detail: string;
  /** of the run that the action goes back to, such as the one that refused the model that was promoted by hand */
  readonly report?: ArtefactRef;
}

export interface PipelineStatus {
  readonly config: PipelineConfig;
  readonly state: 'idle' | 'working' | 'paused';
  readonly paused: (Request & { readonly at: string }) | null;
  readonly champion: Appointment | null;
  readonly previous: Appointment | null;
  readonly breaker: BreakerState;
  readonly running: { readonly workflowId: string; readonly fileName: string } | null;
  readonly queued: number;
  /** at most 20 of the queued files, next first */
  readonly next: readonly { readonly fileName: string; readonly sha256: string }[];
  readonly runs: number;
  readonly last: RunSummary | null;
  readonly audit: readonly AuditEntry[];
  /** the challenger that runs beside the champion; absent or null: none does */
  readonly shadow?: (Omit<Shadow, 'seen'> & { readonly filesSeen: number }) | null;
  /** why retraining rests after a promotion, in words; absent or null: it does not */
  readonly cooling?: string | null;
}

export interface RunsPage {
  /** newest first */
  readonly runs: readonly RunSummary[];
  readonly total: number;
  /** pages in the store, at `historyPageUri(pipeline, 0 … sealedPages - 1)`, older than these runs */
  readonly sealedPages: number;
}

export const historyPageUri = (pipeline: string, page: number): string =>
  `history/${pipeline}/${String(page).padStart(6, '0')}.json`;

/** More queued files than this are not taken in: the watcher offers them again later. */
export const MAX_QUEUED = 250;
/** Most files in one `datasetsArrived`. */
export const MAX_BATCH = 100;

export const datasetsArrived = defineSignal<[readonly DatasetFile[]]>('datasetsArrived');
export const appointmentProposed = defineSignal<[AppointmentProposal]>('appointmentProposed');

export const pause = defineUpdate<void, [Request]>('pause');
export const resume = defineUpdate<void, [Request]>('resume');
/** Trains on the newest file whatever the numbers say; the gate still decides. */
export const retrain = defineUpdate<void, [Request]>('retrain');
/** Puts a candidate in force by hand. */
export const promote = defineUpdate<void, [Request & { readonly modelId: string }]>('promote');
export const rollback = defineUpdate<void, [Request]>('rollback');
export const resetBreaker = defineUpdate<void, [Request]>('resetBreaker');
export const configure = defineUpdate<void, [Request & { readonly config: PipelineConfig }]>(
  'configure',
);
/** Runs a file again that already has its outcome. */
export const reprocess = defineUpdate<void, [Request & { readonly sha256: string }]>('reprocess');

export const pipelineStatus = defineQuery<PipelineStatus>('pipelineStatus');
export const pipelineRuns = defineQuery<
  RunsPage,
  [{ readonly offset: number; readonly limit: number }]
>('pipelineRuns');
export interface PipelineModels {
  readonly champion: Appointment | null;
  readonly previous: Appointment | null;
  /** challengers that were refused, newest first, at most 20 */
  readonly candidates: readonly Candidate[];
}
export const pipelineModels = defineQuery<PipelineModels>('pipelineModels');

// --- Search attributes ---

export const SEARCH_ATTRIBUTES = {
  CalmopsPipeline: 'KEYWORD',
  CalmopsStage: 'KEYWORD',
  CalmopsAction: 'KEYWORD',
  CalmopsBreaker: 'KEYWORD',
  CalmopsDriftScore: 'DOUBLE',
} as const;

// --- Activities ---

export type { ComputeActivities, LightActivities } from './activity-contract.ts';

/** Failures that say something about the file or the pipeline: never retried. */
export const PERMANENT_FAILURES = [
  'InvalidDataset',
  'SchemaMismatch',
  'InvalidPipeline',
  'NotEnoughData',
  'NotEnoughMemory',
  'HookFailed',
] as const;
