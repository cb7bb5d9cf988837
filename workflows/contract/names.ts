/** What things are called on the server and in the store. */

export const LIGHT_QUEUE = 'calmops';
export const COMPUTE_QUEUE = 'calmops-compute';
/** Trainings have slots of their own, so that none of them holds up short tasks. */
export const TRAINING_QUEUE = 'calmops-train';

export const pipelineWorkflowId = (pipeline: string): string => `pipeline/${pipeline}`;

/** `revision` counts deliberate repetitions (reprocess, forced retrain); 0 is the file's own run. */
export const runWorkflowId = (pipeline: string, sha256: string, revision: number): string =>
  revision === 0 ? `dataset/${pipeline}/${sha256}` : `dataset/${pipeline}/${sha256}/${revision}`;

/** Where the report of a run lives in the store; that it exists means that the run has its outcome. */
export const reportUri = (pipeline: string, sha256: string, revision: number): string =>
  `reports/${pipeline}/${sha256}${revision === 0 ? '' : `.${revision}`}.json`;

export const historyPageUri = (pipeline: string, page: number): string =>
  `history/${pipeline}/${String(page).padStart(6, '0')}.json`;

export const SEARCH_ATTRIBUTES = {
  CalmopsPipeline: 'KEYWORD',
  CalmopsFile: 'KEYWORD',
  CalmopsStage: 'KEYWORD',
  CalmopsAction: 'KEYWORD',
  CalmopsOutcome: 'KEYWORD',
  CalmopsBreaker: 'KEYWORD',
  CalmopsDriftScore: 'DOUBLE',
} as const;

/** Failures that say something about the file or the pipeline: never retried. */
export const PERMANENT_FAILURES = [
  'InvalidDataset',
  'DatasetGone',
  'SchemaMismatch',
  'InvalidPipeline',
  'NotEnoughData',
  'NotEnoughMemory',
  'HookFailed',
] as const;
