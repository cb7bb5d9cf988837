import { bootstrapMetrics } from '../metrics/bootstrap.ts';
import { definedMetric } from '../metrics/evaluate.ts';
import { METRIC_DIRECTION, METRIC_WORDS } from '../metrics/evaluation.ts';
import type { MetricName } from '../metrics/evaluation.ts';
import { metricOf } from '../metrics/metrics.ts';
import type { Outcomes, Predictions } from '../model.ts';
import { classesOf, labelledRows, outcomesOf } from '../metrics/outcomes.ts';
import type { TargetSchema } from '../metrics/outcomes.ts';
import { overClasses } from '../predictions.ts';
import { scored } from '../metrics/scored.ts';
import type { Scored } from '../metrics/scored.ts';
import { joinTables } from './join-tables.ts';
import { RETRAIN_MODES } from './modes.ts';
import type { RetrainMode } from './modes.ts';
import type { Trial } from './trials.ts';

/** What a mode's models said in the trials, or why it could not be tried. */
export type Tried =
  | {
      readonly kind: 'tried';
      readonly mode: RetrainMode;
      /** of the rows of `next` of each trial */
      readonly said: readonly Predictions[];
    }
  | { readonly kind: 'left out'; readonly mode: RetrainMode; readonly reason: string };

export interface ModeScore {
  readonly mode: RetrainMode;
  /** of the metric, over the rows of all trials */
  readonly value: number;
  /** how much worse than the best mode, in the metric's unit; 0 for the best */
  readonly behind: number;
  /** standard error of `behind`, from the same resamples of the same rows */
  readonly standardError: number;
}

export interface ModeChoice {
  readonly mode: RetrainMode;
  /** a sentence for people */
  readonly reason: string;
  readonly metric: MetricName;
  /** in the order of `RETRAIN_MODES`: the cheapest first */
  readonly scores: readonly ModeScore[];
  readonly leftOut: readonly { readonly mode: RetrainMode; readonly reason: string }[];
}

/**
 * The cheapest mode that is within noise of the best one: no more than one standard error behind it, both scored on
 * the same rows, the standard error of the difference by the paired bootstrap. With nothing tried it is `full`.
 *
 * @param trials what was tried: see `planTrials`
 * @throws RangeError if a mode has not one prediction for each row of each trial, or the metric is not of the task
 * @see Breiman, Friedman, Olshen & Stone (1984), Classification and Regression Trees, §3.4.3, the one-standard-error rule
 */
export function chooseMode(
  trials: readonly Trial[],
  tried: readonly Tried[],
  options: {
    readonly target: Pick<TargetSchema, 'target' | 'task'>;
    readonly metric: MetricName;
    readonly seed: number;
  },
): ModeChoice {
  const byCost = tried.toSorted(
    (a, b) => RETRAIN_MODES.indexOf(a.mode) - RETRAIN_MODES.indexOf(b.mode),
  );
  const leftOut = byCost.flatMap((own) =>
    own.kind === 'left out' ? [{ mode: own.mode, reason: own.reason }] : [],
  );
  const candidates = byCost.filter((own) => own.kind === 'tried');
  if (candidates.length === 0 || trials.length === 0) {
    const reason = 'No mode could be tried on recent files, so a new model is trained.';
    return { mode: 'full', reason, metric: options.metric, scores: [], leftOut };
  }
  const models = pooled(trials, candidates, options.target);
  const metric = definedMetric(options.metric, models);
  const scores = scoresOf(
    metric,
    candidates.map(({ mode }) => mode),
    models,
    options.seed,
  );
  const chosen = scores.find(({ behind, standardError }) => behind <= standardError) ?? scores[0];
  return {
    mode: chosen.mode,
    reason: reasonOf(chosen, scores, metric, models[0].rows),
    metric,
    scores,
    leftOut,
  };
}

function scoresOf(
  metric: MetricName,
  modes: readonly RetrainMode[],
  models: readonly Scored[],
  seed: number,
): readonly ModeScore[] {
  const sign = METRIC_DIRECTION[metric] === 'higher' ? 1 : -1;
  const values = models.map((model) => metricOf(metric, model) ?? NaN);
  const best = values.reduce((top, value, m) => (sign * (value - values[top]) > 0 ? m : top), 0);
  const replicates = bootstrapMetrics([metric], models, seed).get(metric) ?? [];
  return modes.map((mode, m) => {
    const differences = replicates[m].map((value, r) => sign * (replicates[best][r] - value));
    const behind = sign * (values[best] - values[m]);
    return { mode, value: values[m], behind, standardError: standardDeviation(differences) };
  });
}

/** Every mode on the rows of all trials, in their order, over the classes of all of them. */
function pooled(
  trials: readonly Trial[],
  candidates: readonly Extract<Tried, { kind: 'tried' }>[],
  { target, task }: Pick<TargetSchema, 'target' | 'task'>,
): readonly Scored[] {
  const table = joinTables(trials.map(({ next }) => next));
  const rows = labelledRows(table, target);
  const said = candidates.flatMap((own) => own.said);
  const known = said.flatMap((own) => (own.kind === 'classification' ? own.classes : []));
  const here = task === 'classification' ? classesOf(table, target, rows) : [];
  const classes = [...new Set([...known, ...here])].sort();
  const outcomes: Outcomes = outcomesOf(table, { target, task, classes }, rows);
  return candidates.map(({ said: own }) => scored(concatenated(own, classes), outcomes));
}

function concatenated(parts: readonly Predictions[], classes: readonly string[]): Predictions {
  if (parts.every((part) => part.kind === 'regression')) {
    return { kind: 'regression', values: joined(parts.map(({ values }) => values)) };
  }
  const over = parts.flatMap((part) =>
    part.kind === 'classification' ? [overClasses(part, classes)] : [],
  );
  return {
    kind: 'classification',
    classes,
    probabilities: joined(over.map(({ probabilities }) => probabilities)),
    labels: Int32Array.from(joined(over.map(({ labels }) => labels))),
  };
}

function joined(parts: readonly (Float64Array | Int32Array)[]): Float64Array {
  const all = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let from = 0;
  for (const part of parts) {
    all.set(part, from);
    from += part.length;
  }
  return all;
}

function reasonOf(
  chosen: ModeScore,
  scores: readonly ModeScore[],
  metric: MetricName,
  rows: number,
): string {
  const best = scores.reduce((least, score) => (score.behind < least.behind ? score : least));
  const says = (score: ModeScore): string => `${METRIC_WORDS[metric]} ${figure(score.value)}`;
  if (chosen.mode === best.mode) {
    return `'${chosen.mode}' did best on ${rows} recent rows: ${says(chosen)}.`;
  }
  return (
    `'${chosen.mode}' is the cheapest mode within noise of the best on ${rows} recent rows: ${says(chosen)}, ` +
    `'${best.mode}' ${figure(best.value)}, a difference of ${figure(chosen.behind)} with a standard error of ${figure(chosen.standardError)}.`
  );
}

function figure(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/** ddof 1; 0 of fewer than two values. */
function standardDeviation(values: Float64Array): number {
  let mean = 0;
  let squares = 0;
  values.forEach((value, i) => {
    const before = value - mean;
    mean += before / (i + 1);
    squares += before * (value - mean);
  });
  return values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : 0;
}
