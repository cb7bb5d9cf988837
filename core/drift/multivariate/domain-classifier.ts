import { fitModel } from '../../models/fit.ts';
import type { EstimatorParams } from '../../models/fit.ts';
import type { FeatureSchema, Model, ModelSchema } from '../../models/model.ts';
import { createRandom, deriveSeed } from '../../random.ts';
import type { Random } from '../../random.ts';
import { areaUnderCurve, intervalOfArea } from '../../stats/auc.ts';
import { randomRows } from '../../stats/permutation.ts';
import { normalSurvival } from '../../stats/special-functions.ts';
import type { NotApplicable } from '../../stats/two-sample.ts';
import { columnOf, takeRows } from '../../table.ts';
import type { Column, Table } from '../../table.ts';
import { effectiveOfDrawn, halvesInBlocks } from './dependent-rows.ts';
import type { DependentRows, EffectiveRows } from './dependent-rows.ts';
import { sharesOfDrops } from './result.ts';
import type { MultivariateTest } from './result.ts';
import { ORIGINS, stackTables } from './stack-tables.ts';

export interface DomainClassifierOptions {
  readonly seed: number;
  /** rows of each sample that are drawn at random if there are more; absent: 2000 */
  readonly maxRows?: number | undefined;
  /** absent: 60 boosted trees of at most 8 leaves */
  readonly params?: EstimatorParams | undefined;
  /** of the interval, in (0, 1); absent: 0.95 */
  readonly confidence?: number | undefined;
  /** largest p at which columns are given their shares, which costs as much as all else; absent: 1 */
  readonly attributeUpTo?: number | undefined;
  /** where rows resemble their neighbours, which they then have to be beside; absent: rows are independent */
  readonly dependent?: DependentRows | undefined;
}

export interface DomainClassifierResult extends MultivariateTest {
  /** interval of the statistic, the area under the ROC curve */
  readonly low: number;
  readonly high: number;
}

/** More folds would train on more rows, but their areas depend on each other the more, by an unknown amount. */
const FOLDS = 2;
/** One-sided p of the first half above which the other one is not looked at. */
const HOPELESS = 0.2;
const MAX_ROWS = 2000;
/** Times the smaller sample that the larger one is looked at: more rows make the area hardly surer. */
const LARGER = 4;
const CONFIDENCE = 0.95;
/** Fewest rows of each sample: 25 in either fold. */
const LEAST_ROWS = 50;
/** Trees of 8 leaves hold up to 7 columns together; a forest of the same cost finds turned correlations half as often. */
const BOOSTING: EstimatorParams = {
  kind: 'boosting',
  iterations: 60,
  learningRate: 0.1,
  maxLeaves: 8,
  minLeaf: 20,
  l2: 0,
  validation: 0,
  patience: 10,
};

/**
 * Domain classifier: can a model tell current rows from those of the reference?
 *
 * The statistic is the area under the ROC curve of boosted trees, ½ without change, 1 when every row gives itself
 * away: mean over two halves, each scored by a model of the other one. p is one-sided, normal, by the variance
 * of the area without change, (n + m + 1)/(12nm) in each half; the interval is DeLong's. The areas of the halves
 * depend on each other (as five-fold ones do so much that p < 0.05 in one of nine files without change), so both
 * take the bound that holds for any dependence: the deviation of a mean is at most the mean deviation.
 * Where the first half's own p is above 0.2, which no change worth an alarm leaves there, it is the result.
 * Dependent rows are halved in blocks, as a model knows the neighbours of rows that it was trained on, and n and m in
 * the variance are the independent rows that they are worth.
 * Attribution is what the area loses when a column's values are shuffled among the rows scored, so it finds
 * columns that change only together.
 *
 * @param columns names of numeric and categorical columns that both tables have in the same kind
 * @throws RangeError if a column is absent, of another kind in the other table, or holds times
 * @see Lopez-Paz & Oquab (2017), ICLR, "Revisiting classifier two-sample tests"; Breiman (2001), Mach. Learn.
 *   45:5–32, section 10 for attribution.
 */
export function domainClassifierTest(
  reference: Table,
  current: Table,
  columns: readonly string[],
  options: DomainClassifierOptions,
): DomainClassifierResult | NotApplicable {
  const random = createRandom(options.seed);
  const maxRows = options.maxRows ?? MAX_ROWS;
  const most = Math.min(maxRows, LARGER * Math.min(reference.rows, current.rows));
  const drawn = (rows: number): Int32Array => {
    const some = randomRows(rows, most, random);
    return options.dependent === undefined ? some : some.sort();
  };
  const before = takeRows(reference, drawn(reference.rows));
  const now = takeRows(current, drawn(current.rows));
  const n = before.rows;
  const m = now.rows;
  const effective = options.dependent && effectiveOfDrawn(options.dependent, n, m);
  const fewest = Math.min(effective?.reference ?? n, effective?.current ?? m);
  if (columns.length === 0 || fewest < LEAST_ROWS) {
    const worth = effective === undefined ? '' : `, worth ${Math.floor(fewest)} independent ones`;
    const reason = `a domain classifier needs a column and ${LEAST_ROWS} rows of each sample, got ${columns.length} and ${Math.min(n, m)}${worth}`;
    return { kind: 'not applicable', reason, n, m };
  }
  const halves = halvesOf(n, m, effective);
  const inflation = effective === undefined ? 1 : inflationOf(n, m, effective);
  const { table, origin } = stackTables(before, now, columns);
  const schema = schemaOf(table, origin);
  const scores: (Area & { readonly model: Model; readonly own: Table })[] = [];
  for (let fold = 0; fold < FOLDS; fold++) {
    const inFold = (row: number): boolean => halves[row] === fold;
    const rows = Int32Array.from({ length: n + m }, (_unused, row) => row);
    const seed = deriveSeed(options.seed, fold);
    const params = options.params ?? BOOSTING;
    const model = fitModel(
      table,
      rows.filter((row) => !inFold(row)),
      schema,
      params,
      seed,
    );
    const own = takeRows(table, rows.filter(inFold));
    const area = widened(areaOf(model, own), inflation);
    scores.push({ model, own, ...area });
    // A half that shows nothing ends the test: p stays above this, so that no level below it is touched.
    if (normalSurvival((area.auc - 0.5) / area.nullError) > HOPELESS) break;
  }
  const auc = mean(scores.map((score) => score.auc));
  const nullError = mean(scores.map((score) => score.nullError));
  const standardError = mean(scores.map((score) => score.standardError));
  const pValue = normalSurvival((auc - 0.5) / nullError);
  const drops =
    pValue > (options.attributeUpTo ?? 1)
      ? []
      : averaged(
          scores.map(({ model, own, auc: area }) => dropsOf(model, own, area, columns, random)),
        );
  return {
    kind: 'tested',
    statistic: auc,
    pValue,
    n,
    m,
    ...intervalOfArea({ auc, standardError }, options.confidence ?? CONFIDENCE),
    attribution: drops.length === 0 ? [] : sharesOfDrops(columns, drops),
  };
}

/** The half of every row of the stacked table. */
function halvesOf(n: number, m: number, effective: EffectiveRows | undefined): Uint8Array {
  const halves = new Uint8Array(n + m);
  if (effective === undefined) {
    for (let row = 0; row < n + m; row++) halves[row] = (row < n ? row : row - n) % FOLDS;
  } else {
    halves.set(halvesInBlocks(n, effective.phi.reference));
    halves.set(halvesInBlocks(m, effective.phi.current), n);
  }
  return halves;
}

/** Times that errors are larger than those of as many independent rows. */
const inflationOf = (n: number, m: number, { reference, current }: EffectiveRows): number =>
  Math.sqrt((1 / reference + 1 / current) / (1 / n + 1 / m));

const widened = ({ auc, standardError, nullError }: Area, inflation: number): Area => ({
  auc,
  standardError: standardError * inflation,
  nullError: nullError * inflation,
});

/** Every column is a feature, whatever a model for prediction would make of it. */
function schemaOf(table: Table, origin: string): ModelSchema {
  const features = table.columns.flatMap((column): FeatureSchema[] => {
    if (column.name === origin) return [];
    if (column.kind === 'time') {
      throw new RangeError(`domain classifier: column '${column.name}' holds times`);
    }
    return column.kind === 'numeric'
      ? [{ kind: 'numeric', name: column.name }]
      : [{ kind: 'categorical', name: column.name, dictionary: column.dictionary }];
  });
  return { target: origin, task: 'classification', features, classes: ORIGINS };
}

interface Area {
  readonly auc: number;
  readonly standardError: number;
  /** standard deviation of the area without change */
  readonly nullError: number;
}

/** What the area loses, by column. */
function dropsOf(
  model: Model,
  fold: Table,
  area: number,
  columns: readonly string[],
  random: Random,
): readonly number[] {
  const order = randomRows(fold.rows, fold.rows, random);
  return columns.map((name) => {
    const changed = fold.columns.map((column) =>
      column.name === name ? shuffledColumn(column, order) : column,
    );
    return area - areaOf(model, { ...fold, columns: changed }).auc;
  });
}

/** The column with its values in another order of the rows. */
function shuffledColumn(column: Column, order: Int32Array): Column {
  return columnOf(takeRows({ rows: order.length, columns: [column] }, order), column.name);
}

function areaOf(model: Model, fold: Table): Area {
  const predictions = model.predict(fold);
  const origin = columnOf(fold, model.schema.target);
  if (predictions.kind !== 'classification' || origin.kind !== 'categorical') {
    throw new Error('domain classifier: the model does not classify by origin');
  }
  const current = ORIGINS.indexOf('current');
  const scoresOf = (own: number): Float64Array => {
    const scores = new Float64Array(fold.rows);
    let count = 0;
    for (let row = 0; row < fold.rows; row++) {
      if (origin.codes[row] !== own) continue;
      scores[count++] = predictions.probabilities[row * ORIGINS.length + current];
    }
    return scores.subarray(0, count).sort();
  };
  const negatives = scoresOf(1 - current);
  const positives = scoresOf(current);
  const [n, m] = [negatives.length, positives.length];
  return {
    ...areaUnderCurve(negatives, positives),
    nullError: Math.sqrt((n + m + 1) / (12 * n * m)),
  };
}

/** Mean of rows of equal length, place by place. */
function averaged(rows: readonly (readonly number[])[]): readonly number[] {
  return rows[0].map((_, j) => mean(rows.map((row) => row[j])));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
