import type { Task } from './model.ts';

/** The estimators that there are. */
export type EstimatorKind =
  'forest' | 'boosting' | 'logistic' | 'linear' | 'naive-bayes' | 'baseline' | 'ml-random-forest';

const TASKS_OF_ESTIMATOR: Readonly<Record<EstimatorKind, readonly Task[]>> = {
  forest: ['classification', 'regression'],
  boosting: ['classification', 'regression'],
  logistic: ['classification'],
  linear: ['regression'],
  'naive-bayes': ['classification'],
  baseline: ['classification', 'regression'],
  'ml-random-forest': ['classification', 'regression'],
};

/** Is it an estimator of the task? */
export function canLearn(kind: EstimatorKind, task: Task): boolean {
  return TASKS_OF_ESTIMATOR[kind].includes(task);
}

/** Names of the estimators of a task, for people. */
export function estimatorsOf(task: Task): string {
  return Object.entries(TASKS_OF_ESTIMATOR)
    .filter(([, tasks]) => tasks.includes(task))
    .map(([kind]) => kind)
    .join(', ');
}
