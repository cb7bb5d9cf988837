import type { GateInput } from '../../core/models/gate/gate.ts';
import { learnSchema } from '../../core/models/input/encoder.ts';
import { fitLogistic } from '../../core/models/linear/logistic.ts';
import type { Model, Outcomes, Predictions } from '../../core/models/model.ts';
import { outcomesOf } from '../../core/models/metrics/outcomes.ts';
import { createRandom, type Random } from '../../core/random.ts';
import { normalQuantile } from '../../core/stats/normal-quantile.ts';
import { takeRows, type Table } from '../../core/table.ts';
import { makeClassification } from './classification.ts';

/** What a gate is given, drawn anew each time. */
export type Duel = Pick<GateInput, 'champion' | 'challenger' | 'outcomes' | 'metric'>;

/** How alike the errors of the two models are: the correlation of their noise. */
const CORRELATION = 0.8;
const CLASSES = ['no', 'yes'];

/**
 * Two calibrated classifiers of equally frequent classes: each sees d·class plus noise, which the two have mostly in common,
 * and says the posterior of it. Accuracy is Φ(d ÷ 2), the area under the curve Φ(d ÷ √2).
 * @param quality of champion and challenger, in the metric
 */
export function classifierDuel(
  metric: 'accuracy' | 'rocAuc',
  quality: readonly [number, number],
  rows: number,
  random: Random,
): Duel {
  const scale = metric === 'accuracy' ? 2 : Math.SQRT2;
  const [before, after] = quality.map((share) => scale * normalQuantile(share));
  const normal = normals(random);
  const labels = Int32Array.from({ length: rows }, () => Number(random() < 0.5));
  const [champion, challenger] = [new Float64Array(rows), new Float64Array(rows)];
  labels.forEach((label, i) => {
    const shared = Math.sqrt(CORRELATION) * normal();
    const own = (d = 0): number => {
      const seen = d * (label - 0.5) + shared + Math.sqrt(1 - CORRELATION) * normal();
      return 1 / (1 + Math.exp(-d * seen));
    };
    champion[i] = own(before);
    challenger[i] = own(after);
  });
  return {
    champion: saying(champion),
    challenger: saying(challenger),
    outcomes: { kind: 'classification', classes: CLASSES, labels },
    metric,
  };
}

/** Two regressions whose errors are normal with these deviations and correlated: deviation = RMSE. */
export function regressionDuel(
  deviations: readonly [number, number],
  rows: number,
  random: Random,
): Duel {
  const normal = normals(random);
  const values = Float64Array.from({ length: rows }, () => 2 * normal());
  const [before, after] = [new Float64Array(rows), new Float64Array(rows)];
  values.forEach((y, i) => {
    const shared = Math.sqrt(CORRELATION) * normal();
    before[i] = y + deviations[0] * (shared + Math.sqrt(1 - CORRELATION) * normal());
    after[i] = y + deviations[1] * (shared + Math.sqrt(1 - CORRELATION) * normal());
  });
  return {
    champion: { kind: 'regression', values: before },
    challenger: { kind: 'regression', values: after },
    outcomes: { kind: 'regression', values },
    metric: 'rmse',
  };
}

/** Two real models, and 100,000 rows that neither saw, to draw files from and to know their true difference by. */
export interface RealDuel {
  /** accuracy of the second minus that of the first */
  readonly trueDifference: number;
  readonly draw: (rows: number, random: Random) => Duel;
}

/** Logistic regressions trained on so many rows each, on data as of `makeClassification`. */
export function realDuel(trainedOn: readonly [number, number]): RealDuel {
  const pool = 100_000;
  const table = makeClassification(pool + trainedOn[0] + trainedOn[1], 11);
  const rowsFrom = (from: number, count: number): Int32Array =>
    Int32Array.from({ length: count }, (_, i) => from + i);
  const champion = fitted(table, rowsFrom(pool, trainedOn[0]));
  const challenger = fitted(table, rowsFrom(pool + trainedOn[0], trainedOn[1]));
  const unseen = takeRows(table, rowsFrom(0, pool));
  const outcomes = outcomesOf(unseen, champion.schema);
  const said = [champion.predict(unseen), challenger.predict(unseen)] as const;
  const right = said.map(
    (own) =>
      labelsOf(own).reduce((sum, k, i) => sum + Number(k === labelsOf(outcomes)[i]), 0) / pool,
  );
  return {
    trueDifference: (right[1] ?? 0) - (right[0] ?? 0),
    draw: (rows, random) => {
      const drawn = Int32Array.from({ length: rows }, () => Math.floor(random() * pool));
      const labels = drawn.map((row) => labelsOf(outcomes)[row] ?? 0);
      return {
        champion: rowsOf(said[0], drawn),
        challenger: rowsOf(said[1], drawn),
        outcomes: { kind: 'classification', classes: champion.schema.classes, labels },
        metric: 'accuracy',
      };
    },
  };
}

function labelsOf(data: Predictions | Outcomes): Int32Array {
  if (data.kind === 'regression') throw new Error('the models classify');
  return data.labels;
}

function rowsOf(said: Predictions, rows: Int32Array): Predictions {
  if (said.kind === 'regression') throw new Error('the models classify');
  const { classes, labels, probabilities } = said;
  return {
    kind: 'classification',
    classes,
    labels: rows.map((row) => labels[row] ?? 0),
    probabilities: Float64Array.from(
      { length: rows.length * classes.length },
      (_, i) =>
        probabilities[
          (rows[Math.floor(i / classes.length)] ?? 0) * classes.length + (i % classes.length)
        ] ?? 0,
    ),
  };
}

function fitted(table: Table, rows: Int32Array): Model {
  const schema = learnSchema(table, rows, {
    target: 'y',
    task: 'classification',
    ignore: ['z'],
  });
  return fitLogistic(table, rows, schema, { kind: 'logistic', l2: 1, maxIterations: 100 });
}

function saying(yes: Float64Array): Predictions {
  return {
    kind: 'classification',
    classes: CLASSES,
    probabilities: Float64Array.from({ length: 2 * yes.length }, (_, i) => {
      const p = yes[i >> 1] ?? 0;
      return i % 2 === 1 ? p : 1 - p;
    }),
    labels: Int32Array.from(yes, (p) => Number(p > 0.5)),
  };
}

/** A source of standard normal numbers, by Box and Muller. */
function normals(random: Random): () => number {
  return () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** The draws of one repetition of one case. */
export const randomOf = (setting: number, repetition: number): Random =>
  createRandom(1 + setting * 1_000_003 + repetition);
