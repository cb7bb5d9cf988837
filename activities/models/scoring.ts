import { evaluate } from '../../core/models/metrics/evaluate.ts';
import {
  DEFAULT_METRIC,
  type Evaluation,
  type MetricName,
} from '../../core/models/metrics/evaluation.ts';
import type { Model, Outcomes, Predictions } from '../../core/models/model.ts';
import { outcomesOf, type TargetSchema } from '../../core/models/metrics/outcomes.ts';
import type { Table } from '../../core/table.ts';
import { InvalidDatasetError } from '../../data/invalid-dataset.ts';
import type { PipelineConfig } from '../../pipelines/schema.ts';
import type { ModelRef } from '../../workflows/contract.ts';
import { predictions } from './models.ts';

export interface Scored {
  readonly predictions: Predictions;
  readonly outcomes: Outcomes;
}

/**
 * A model's predictions beside the truth, in the model's own classes.
 * @throws SchemaMismatchError, InvalidDatasetError if the target cannot be read as the model's
 */
export function scoreOn(model: Model, table: Table): Scored {
  return { predictions: predictions(model, table), outcomes: truthOf(table, model.schema) };
}

/** @throws InvalidDatasetError if the target cannot be read as the models' */
export function truthOf(table: Table, target: TargetSchema): Outcomes {
  try {
    return outcomesOf(table, target);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new InvalidDatasetError(error.message, { cause: error });
  }
}

export function evaluateScored(
  { predictions: predicted, outcomes }: Scored,
  config: PipelineConfig,
  model: Pick<ModelRef, 'task'>,
): Evaluation {
  return evaluate(predicted, outcomes, primaryMetric(config, model), {
    confidence: config.gate.confidence,
    seed: config.seed,
    errors: config.detection.errors,
  });
}

export function primaryMetric(
  config: PipelineConfig,
  { task }: Pick<ModelRef, 'task'>,
): MetricName {
  return config.metric ?? DEFAULT_METRIC[task];
}
