import type { learnSchema } from '../../core/models/input/encoder.ts';
import { evaluate } from '../../core/models/metrics/evaluate.ts';
import {
  DEFAULT_METRIC,
  type Comparison,
  type Evaluation,
} from '../../core/models/metrics/evaluation.ts';
import { compareModels } from '../../core/models/gate/gate.ts';
import { twoLooks, worldTurned } from '../../core/models/gate/two-looks.ts';
import type { Model, Outcomes, Predictions, Task } from '../../core/models/model.ts';
import { jointTarget, labelledRows, outcomesOf } from '../../core/models/metrics/outcomes.ts';
import { scored, type Scored } from '../../core/models/metrics/scored.ts';
import { splitHoldout } from '../../core/models/input/split.ts';
import { joinTables } from '../../core/models/retrain/join-tables.ts';
import { takeRows, type Table } from '../../core/table.ts';
import { minimumGainsOf } from '../../pipelines/gate-schema.ts';
import type { PipelineConfig } from '../../pipelines/schema.ts';

/** How a pipeline shares out the rows of a file, and scores models on them. */
export interface Scoring {
  /** on all labelled rows */
  readonly evaluate: (model: Model, table: Table) => Evaluation;
  /** on all rows, by the pipeline's margin and confidence unless others are given */
  readonly compare: (
    champion: Model,
    challenger: Model,
    table: Table,
    options?: { readonly margin?: number; readonly confidence?: number },
  ) => Comparison;
  /** As `compareModels` of the activities does: on the held-out rows, then with those of the file before. */
  readonly compareInTwoLooks: (
    champion: Model,
    challenger: Model,
    rows: { readonly heldOut: Table; readonly file: Table; readonly before: Table | null },
  ) => Comparison;
  readonly split: (table: Table) => { readonly train: Int32Array; readonly holdout: Int32Array };
  readonly schema: () => Parameters<typeof learnSchema>[2];
}

export function scoringOf(config: PipelineConfig, task: Task): Scoring {
  const { target, ignore, timeColumn, gate, thresholds, seed, detection } = config;
  const metric = config.metric ?? DEFAULT_METRIC[task];
  const { confidence } = gate;
  return {
    evaluate: evaluateOn,
    compare,
    compareInTwoLooks: (champion, challenger, { heldOut, file, before }) => {
      const isOneLook =
        before === null || worldTurned(scoreOn(champion, file), scoreOn(champion, before));
      if (isOneLook) return compare(champion, challenger, heldOut);
      const looks = twoLooks(confidence);
      const own = compare(champion, challenger, heldOut, { confidence: looks.ownFile });
      if (own.verdict === 'promote') return own;
      const both = joinTables([heldOut, before]);
      return compare(champion, challenger, both, { confidence: looks.both });
    },
    split: (table) => {
      const split = splitHoldout(table, { target, task, share: gate.holdout, seed, timeColumn });
      if (split.kind === 'insufficient') throw new Error(split.reason);
      return split;
    },
    schema: () => ({ target, task, ignore, timeColumn }),
  };

  function scoreOn(model: Model, table: Table): Scored {
    const { said, outcomes } = labelledOf(model, table);
    return scored(said, outcomes);
  }

  function evaluateOn(model: Model, table: Table): Evaluation {
    const { said, outcomes } = labelledOf(model, table);
    const { errors } = detection;
    return evaluate(said, outcomes, metric, { confidence, seed, intervals: 'primary', errors });
  }

  function labelledOf(
    model: Model,
    table: Table,
  ): { readonly said: Predictions; readonly outcomes: Outcomes } {
    const labelled = takeRows(table, labelledRows(table, target));
    return { said: model.predict(labelled), outcomes: outcomesOf(labelled, model.schema) };
  }

  function compare(
    champion: Model,
    challenger: Model,
    table: Table,
    options: { readonly margin?: number; readonly confidence?: number } = {},
  ): Comparison {
    return compareModels({
      champion: champion.predict(table),
      challenger: challenger.predict(table),
      outcomes: outcomesOf(table, jointTarget(champion.schema, challenger.schema)),
      metric,
      margin: options.margin ?? gate.margin,
      confidence: options.confidence ?? confidence,
      thresholds,
      minimumGains: minimumGainsOf(gate),
      ...(gate.harmTolerance !== undefined && { harmTolerance: gate.harmTolerance }),
      seed,
    });
  }
}
