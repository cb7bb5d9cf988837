/**
 * What the rest of CalmOps may say to the workflows and ask of them, and what the workflows ask of the
 * activities. Everything here is plain JSON; data, models and reports travel as references.
 */
export {
  COMPUTE_QUEUE,
  TRAINING_QUEUE,
  historyPageUri,
  LIGHT_QUEUE,
  PERMANENT_FAILURES,
  pipelineWorkflowId,
  reportUri,
  runWorkflowId,
  SEARCH_ATTRIBUTES,
} from './contract/names.ts';
export {
  byReference,
  excerptOf,
  type GivenConfig,
  type StoredConfig,
} from './contract/configuration.ts';
export { PIPELINE_MEMO, type PipelineMemo } from './contract/listing.ts';
export type { Damage } from './contract/damage.ts';
export { fileOfRows, type RunPointer } from './contract/datasets.ts';
export type { Dataset, DatasetFile, LateEvaluation, RowsOfFile } from './contract/datasets.ts';
export type {
  Appointment,
  AppointmentAnswer,
  AppointmentProposal,
  Candidate,
  ModelRef,
  Shadow,
  ShadowFile,
  ShadowReport,
  SoundModel,
} from './contract/models.ts';
export type { ChampionEvaluation, DriftSummary } from './contract/examination.ts';
export {
  appointmentAnswered,
  RERUNNABLE_OUTCOMES,
  RUN_OUTCOMES,
  runProgress,
  runReport,
  summaryHead,
  type LeftByRun,
  type MonitorDatasetInput,
  type Request,
  type RunOutcome,
  type RunProgress,
  type RunReport,
  type RunResult,
  type RunSummary,
  type Stage,
} from './contract/runs.ts';
export {
  appointmentProposed,
  CARRIED_VERSION,
  configure,
  datasetsArrived,
  dropShadow,
  importModel,
  MAX_BATCH,
  MAX_QUEUED,
  MAX_SHADOW_FILES,
  NO_ROOM,
  NOTHING_TAKEN,
  offerDatasets,
  pause,
  pipelineModels,
  pipelineRuns,
  pipelineStatus,
  promote,
  reprocess,
  resetBreaker,
  resume,
  retire,
  retrain,
  rollback,
  UNCHANGED,
  type AuditEntry,
  type CarriedState,
  type CoolDown,
  type MonitorPipelineInput,
  type OfferAnswer,
  type PipelineModels,
  type PipelineStatus,
  type Promotion,
  type QueuedFile,
  type Retiring,
  type RunsPage,
} from './contract/pipelines.ts';
export type { ComputeActivities, ComputeTasks, LightActivities } from './contract/activities.ts';
export type { FoundRun, FoundRuns, FoundState, SavedState } from './contract/saved-state.ts';
export {
  sequelIn,
  sequelsPrefix,
  sequelUri,
  type Sequel,
  type SequelOfRun,
} from './contract/sequels.ts';
