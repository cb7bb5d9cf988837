import type { RowUpdate } from '../row-updates.ts';
import type { Table } from '../../table.ts';
import { encodeRows } from '../input/encoder.ts';
import type { EncodedTable } from '../input/encoder.ts';
import type { ModelSchema } from '../model.ts';
import { scaleOfSpread } from '../input/targets.ts';
import type { TargetScale } from '../input/targets.ts';
import { trainingRows } from '../input/weights.ts';
import { designWidth } from './design.ts';
import type { Design } from './design.ts';
import { linearModel } from './linear.ts';
import type { Linear, LinearModel } from './linear.ts';
import { linearStatistics, solveRidge } from './linear-statistics.ts';
import type { LinearStatistics } from './linear-statistics.ts';
import { deviationOf, spreadOf } from './spread.ts';
import type { Spread } from './spread.ts';

/** A column of the new design as a sum of columns of the old one. */
type Combination = readonly { readonly column: number; readonly factor: number }[];

/**
 * A linear regression that has learned further rows: up to rounding the one fitted to all rows at once, those of
 * the model counting `decay` times as much as the new ones. Of a category column with more than 50 categories
 * those keep columns of their own that had them.
 *
 * The products of all pairs of columns (XᵀX) of the old rows are brought into the columns of the new design, which
 * are linear combinations of the old ones, and those of the new rows are added.
 *
 * @param decay in (0, 1]
 * @returns undefined if the model has no sums of products (an older artefact, or one of very many columns)
 * @throws RangeError if a column or an outcome is not as it must be, or the sums exceed all numbers
 * @see Chan, Golub & LeVeque (1983), The American Statistician 37:242–247 (combining means and variances)
 */
export function updateLinear(
  { linear }: LinearModel,
  table: Table,
  rows: Int32Array,
  { decay, weights }: RowUpdate,
): LinearModel | undefined {
  if (linear.updatable === undefined) return undefined;
  const { schema } = linear;
  const { l2 } = linear.updatable;
  const data = trainingRows('linear', table, rows, schema, { weights });
  if (data.targets.kind === 'classification')
    throw new RangeError('linear: it cannot learn classes');
  const { values } = data.targets;
  const old = decayed(linear.updatable.statistics, decay);
  const encoded = encodeRows(table, data.rows, schema);
  const { design, combinations } = mergedDesign(linear.design, old, encoded, schema, data.weights);
  const targetScale = mergedScale(linear.targetScale, old, spreadOf(values, data.weights));
  const added = linearStatistics(encoded, design, values, targetScale, data.weights);
  const statistics = sum(transformed(old, combinations, linear.targetScale, targetScale), added);
  const coefficients = solveRidge(statistics, l2);
  if (!coefficients.every(Number.isFinite)) {
    throw new RangeError('linear: the sums of old and new rows exceed all numbers');
  }
  const updated: Linear = {
    schema,
    design,
    targetScale,
    coefficients,
    updatable: { statistics, l2 },
  };
  return linearModel(updated);
}

function decayed(
  { gram, moments, targetSquares }: LinearStatistics,
  decay: number,
): LinearStatistics {
  return {
    gram: gram.map((value) => decay * value),
    moments: moments.map((value) => decay * value),
    targetSquares: decay * targetSquares,
  };
}

/** The design of old and new rows together, and its columns in terms of the old ones. */
function mergedDesign(
  old: Design,
  { gram }: LinearStatistics,
  added: EncodedTable,
  schema: ModelSchema,
  weights: Float64Array | undefined,
): { readonly design: Design; readonly combinations: readonly Combination[] } {
  const q = designWidth(old);
  const constant = q - 1;
  const total = gram[q * q - 1];
  const means = old.means.slice();
  const deviations = old.deviations.slice();
  const offsets = new Int32Array(old.offsets.length);
  const combinations: Combination[] = [];
  added.columns.forEach((column, j) => {
    const first = old.offsets[j];
    const width = old.offsets[j + 1] - first;
    if (column.kind === 'categorical') {
      for (let c = 0; c < width; c++) combinations.push([{ column: first + c, factor: 1 }]);
      offsets[j + 1] = offsets[j] + width;
      return;
    }
    const told = width === 2;
    const before: Spread = {
      total: total - (told ? gram[constant * q + first + 1] : 0),
      mean: old.means[j],
      squares: gram[first * q + first] * old.deviations[j] ** 2,
      missing: told,
    };
    const spread = mergedSpread(before, spreadOf(column.values, weights));
    means[j] = spread.mean;
    deviations[j] = deviationOf(spread, schema.features[j].name);
    const shift = (old.means[j] - means[j]) / deviations[j];
    combinations.push([
      { column: first, factor: old.deviations[j] / deviations[j] },
      { column: constant, factor: shift },
      ...(told ? [{ column: first + 1, factor: -shift }] : []),
    ]);
    if (spread.missing) combinations.push(told ? [{ column: first + 1, factor: 1 }] : []);
    offsets[j + 1] = offsets[j] + (spread.missing ? 2 : 1);
  });
  combinations.push([{ column: constant, factor: 1 }]);
  const design = { means, deviations, offsets, columnOfCode: old.columnOfCode };
  return { design, combinations };
}

function mergedSpread(a: Spread, b: Spread): Spread {
  const missing = a.missing || b.missing;
  if (b.total === 0) return { ...a, missing };
  if (!(a.total > 0)) return { ...b, missing };
  const total = a.total + b.total;
  const apart = b.mean - a.mean;
  return {
    total,
    mean: a.mean + (apart * b.total) / total,
    squares: a.squares + b.squares + apart * apart * ((a.total * b.total) / total),
    missing,
  };
}

function mergedScale(
  { center, scale }: TargetScale,
  { gram, targetSquares }: LinearStatistics,
  added: Spread,
): TargetScale {
  const before = {
    total: gram[gram.length - 1],
    mean: center,
    squares: targetSquares * scale ** 2,
    missing: false,
  };
  const { total, mean, squares } = mergedSpread(before, added);
  return { center: mean, scale: scaleOfSpread(squares, total) };
}

/** Old statistics in the columns of the new design and on the scale of the new outcomes. */
function transformed(
  { gram, moments, targetSquares }: LinearStatistics,
  combinations: readonly Combination[],
  from: TargetScale,
  to: TargetScale,
): LinearStatistics {
  const p = moments.length;
  const q = combinations.length;
  const at = (a: number, b: number): number => gram[a > b ? a * p + b : b * p + a];
  const out = new Float64Array(q * q);
  for (let i = 0; i < q; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (const a of combinations[i]) {
        for (const b of combinations[j]) sum += a.factor * b.factor * at(a.column, b.column);
      }
      out[i * q + j] = sum;
    }
  }
  const stretch = from.scale / to.scale;
  const shift = (from.center - to.center) / to.scale;
  const moved = moments.map((moment, a) => stretch * moment + shift * at(a, p - 1));
  const target =
    stretch * stretch * targetSquares +
    2 * stretch * shift * moments[p - 1] +
    shift * shift * at(p - 1, p - 1);
  return {
    gram: out,
    moments: Float64Array.from(combinations, (parts) =>
      parts.reduce((sum, { column, factor }) => sum + factor * moved[column], 0),
    ),
    targetSquares: target,
  };
}

function sum(a: LinearStatistics, b: LinearStatistics): LinearStatistics {
  return {
    gram: a.gram.map((value, at) => value + b.gram[at]),
    moments: a.moments.map((value, at) => value + b.moments[at]),
    targetSquares: a.targetSquares + b.targetSquares,
  };
}
