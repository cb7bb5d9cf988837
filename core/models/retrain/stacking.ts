import { deriveSeed } from '../../random.ts';
import { columnOf, takeRows } from '../../table.ts';
import type { Table } from '../../table.ts';
import type { Fit } from '../fit.ts';
import { isCalibrated } from '../wrapped/calibrated.ts';
import { learnSchema } from '../input/encoder.ts';
import { DEFAULT_LINEAR, fitLinear } from '../linear/linear.ts';
import { DEFAULT_LOGISTIC, fitLogistic } from '../linear/logistic.ts';
import { meanLoss } from '../metrics/mean-loss.ts';
import type { Model, ModelSchema } from '../model.ts';
import { classesOf, jointTarget, outcomesOf } from '../metrics/outcomes.ts';
import { scored } from '../metrics/scored.ts';
import { signalTable } from '../wrapped/stack-signals.ts';
import { isStacked, jointSchema, MAX_BASES, stackedModel } from '../wrapped/stacked.ts';
import { FOLDS, foldsOf, outOfFold } from './folds.ts';
import { weightsOf } from './request.ts';
import type { Derived, RetrainingRequest } from './request.ts';

/** The column that the meta-model learns; the others are named as in `signalNames`. */
const OUTCOME = 'outcome';

/** On fewer rows, what the models say out of fold is too little to weigh them by. */
const MIN_ROWS = 50;

/** With more classes the meta-model would have more to learn than rows can teach it. */
const MAX_CLASSES = 20;

/**
 * The fits of a stack, or the sentence why there can be none.
 *
 * `stacking`: a new model of the fresh rows without each fifth, then of all of them. `stacking-refit`: after each of
 * these also one of the kept rows of the past together with the same fresh ones. All models of one kind have one
 * schema, so that a fold that lacks a class or a category has its place for it.
 */
export function planStack(request: RetrainingRequest): readonly Fit[] | string {
  const { data, params, schema: options, seed, mode } = request;
  const { table, fresh, learn } = data;
  const refusal = refusalOf(request);
  if (refusal !== null) return refusal;
  const freshSchema = learnSchema(table, fresh, options);
  const allSchema = mode === 'stacking-refit' ? learnSchema(table, learn, options) : freshSchema;
  const foldOfRow = new Int32Array(table.rows).fill(-1);
  foldsOf(request).forEach((fold, i) => (foldOfRow[fresh[i]] = fold));
  const fits: Fit[] = [];
  for (let fold = 0; fold <= FOLDS; fold++) {
    const without = (rows: Int32Array): Int32Array =>
      fold === FOLDS ? rows : rows.filter((row) => foldOfRow[row] !== fold);
    const common = { table, params, seed: deriveSeed(seed, fold) };
    fits.push({ ...common, rows: without(fresh), schema: freshSchema });
    if (mode === 'stacking-refit') {
      fits.push({ ...common, rows: without(learn), schema: allSchema });
    }
  }
  return fits;
}

/**
 * The stack, from the models of `planStack`.
 *
 * The meta-model (ridge or logistic regression) is fitted on what each model says of fresh rows that it was not
 * fitted on: new models out of fold, the champion of all, as it never saw any. A champion that is itself a stack
 * gives its models, not itself; where that makes too many, those of the past that are worst on the fresh rows are
 * left out. A calibration of the champion is left out too: weighing is calibrating.
 * @throws RangeError if the models are not as many as the fits
 */
export function completeStack(request: RetrainingRequest, fitted: readonly Model[]): Derived {
  const refusal = refusalOf(request);
  if (refusal !== null) return refusal;
  const kinds = kindsOf(request);
  if (fitted.length !== kinds * (FOLDS + 1)) {
    throw new RangeError(
      `${request.mode}: it is completed with ${kinds * (FOLDS + 1)} models, got ${fitted.length}`,
    );
  }
  const { data } = request;
  const table = takeRows(data.table, data.fresh);
  const parts = request.mode === 'stacking' ? partsOf(request.champion) : [];
  const old = bestOf(parts, request, MAX_BASES - 1);
  const foldOf = foldsOf(request);
  const said = [
    ...old.map((base) => base.predict(table)),
    ...range(kinds).map((kind) =>
      outOfFold(everyNth(fitted, kinds, kind).slice(0, FOLDS), table, foldOf),
    ),
  ];
  const bases = [...old, ...fitted.slice(-kinds)];
  const meta = fitMeta(signalTable(bases, said, jointSchema(bases).classes), request);
  return {
    model: stackedModel(bases, meta),
    notes: notesOn(table.rows, kinds, parts.length, old.length),
  };
}

/** Models that a stack has anew: one of the fresh rows, and with `stacking-refit` one of these and the past. */
function kindsOf({ mode }: RetrainingRequest): number {
  return mode === 'stacking-refit' ? 2 : 1;
}

function notesOn(rows: number, added: number, parts: number, old: number): readonly string[] {
  const from = old > 0 ? `${old} from the champion and ${added} new` : `${added} new`;
  const notes = [
    `${old + added} models (${from}) are weighed by what they say of ${rows} rows that they were not fitted on.`,
  ];
  if (parts > old)
    notes.push(`Of the champion's models the ${parts - old} worst on these rows are left out.`);
  return notes;
}

function range(length: number): readonly number[] {
  return Array.from({ length }, (_, i) => i);
}

function everyNth(models: readonly Model[], n: number, first: number): readonly Model[] {
  return models.filter((_, at) => at % n === first);
}

function refusalOf({ data, schema, champion, mode }: RetrainingRequest): string | null {
  const { table, fresh, learn } = data;
  if (fresh.length < MIN_ROWS) {
    return `${fresh.length} rows are too few to weigh models by; at least ${MIN_ROWS} are needed.`;
  }
  if (schema.task === 'regression') return null;
  const here = classesOf(table, schema.target, fresh);
  if (here.length < 2)
    return `All rows are of one class, '${here.join()}', and say nothing of weights.`;
  const known =
    mode === 'stacking' ? champion.schema.classes : classesOf(table, schema.target, learn);
  const classes = new Set([...known, ...here]).size;
  return classes <= MAX_CLASSES
    ? null
    : `${classes} classes are too many to weigh models by; at most ${MAX_CLASSES} are.`;
}

/** The models within a champion that a stack can take in. */
function partsOf(champion: Model): readonly Model[] {
  const model = isCalibrated(champion) ? champion.base : champion;
  return isStacked(model) ? model.bases : [model];
}

/** The `count` models with the least loss on the fresh rows, in their order. */
function bestOf(
  models: readonly Model[],
  request: RetrainingRequest,
  count: number,
): readonly Model[] {
  if (models.length <= count) return models;
  const { data } = request;
  const weights = weightsOf(request, data.table, data.fresh);
  const table = takeRows(data.table, data.fresh);
  const losses = models.map((model) => {
    const target = jointTarget(model.schema, {
      ...model.schema,
      classes:
        model.schema.task === 'classification'
          ? classesOf(data.table, model.schema.target, data.fresh)
          : [],
    });
    const outcomes = outcomesOf(data.table, target, data.fresh);
    return meanLoss(scored(model.predict(table), outcomes), weights);
  });
  const kept = losses
    .map((loss, m) => ({ loss, m }))
    .sort((a, b) => a.loss - b.loss || b.m - a.m)
    .slice(0, count);
  return models.filter((_, m) => kept.some((own) => own.m === m));
}

/** Ridge or logistic regression of the fresh outcomes on what the models said. */
function fitMeta(signals: Table, request: RetrainingRequest): Model {
  const { data, schema } = request;
  const { target, task } = schema;
  const { table, fresh } = data;
  const outcome = columnOf(
    takeRows({ rows: table.rows, columns: [columnOf(table, target)] }, fresh),
    target,
  );
  const withOutcome: Table = {
    rows: signals.rows,
    columns: [...signals.columns, { ...outcome, name: OUTCOME }],
  };
  const meta: ModelSchema = {
    target: OUTCOME,
    task,
    features: signals.columns.map(({ name }) => ({ kind: 'numeric', name })),
    classes: task === 'classification' ? classesOf(table, target, fresh) : [],
  };
  const rows = Int32Array.from({ length: signals.rows }, (_, i) => i);
  const weights = weightsOf(request, table, fresh);
  return task === 'classification'
    ? fitLogistic(withOutcome, rows, meta, DEFAULT_LOGISTIC, weights)
    : fitLinear(withOutcome, rows, meta, DEFAULT_LINEAR, weights);
}
