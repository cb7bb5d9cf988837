import { arrayOf, damaged } from '../artefact/container.ts';
import type { Container } from '../artefact/container.ts';
import type { EncodedTable } from '../input/encoder.ts';
import type { TargetScale } from '../input/targets.ts';
import { addTransposedBlock } from './block-products.ts';
import { choleskyInPlace, solveCholeskyInto } from './cholesky.ts';
import { BLOCK_ROWS, designWidth, forEachBlock } from './design.ts';
import type { Design } from './design.ts';
import { packTriangle, requireColumns, sumGrams, unpackTriangle } from './gram.ts';

/** With more columns than this the products of all pairs, 4 MB, are not kept in the artefact. */
const MAX_KEPT_COLUMNS = 1000;

/**
 * All that linear regression needs to know of its rows (sufficient statistics), X being the columns of a
 * design, the last one constant, and y the outcomes in deviations from their mean.
 */
export interface LinearStatistics {
  /** XᵀWX, row-major, q × q; at least the lower triangle is filled */
  readonly gram: Float64Array;
  /** XᵀWy */
  readonly moments: Float64Array;
  /** yᵀWy */
  readonly targetSquares: number;
}

/**
 * Sums up rows.
 * @param values outcome of each row, in units of the target
 * @param weights of the rows; absent: all 1
 * @throws RangeError if there are more than 4000 columns
 */
export function linearStatistics(
  table: EncodedTable,
  design: Design,
  values: Float64Array,
  { center, scale }: TargetScale,
  weights: Float64Array | undefined,
): LinearStatistics {
  const q = designWidth(design);
  requireColumns('linear', q);
  const moments = new Float64Array(q);
  const own = new Float64Array(BLOCK_ROWS);
  let targetSquares = 0;
  const [gram] = sumGrams(q, 1, (add) => {
    forEachBlock(table, design, (block, from, rows) => {
      add(block, rows, weights?.subarray(from, from + rows));
      for (let i = 0; i < rows; i++) {
        const y = (values[from + i] - center) / scale;
        own[i] = weights === undefined ? y : y * weights[from + i];
        targetSquares += own[i] * y;
      }
      addTransposedBlock(block, rows, q, own, 1, moments);
    });
  });
  return { gram, moments, targetSquares };
}

/** The coefficients of least ‖y − Xβ‖² + l2·‖β‖², the constant without penalty, by the normal equations. */
export function solveRidge({ gram, moments }: LinearStatistics, l2: number): Float64Array {
  const q = moments.length;
  const factor = gram.slice();
  for (let i = 0; i < q - 1; i++) factor[i * q + i] += l2;
  choleskyInPlace(factor, q);
  const coefficients = new Float64Array(q);
  solveCholeskyInto(factor, q, moments, coefficients);
  return coefficients;
}

/** Statistics as arrays of a container; none where there are so many columns that they are not kept. */
export function storeStatistics(
  statistics: LinearStatistics | undefined,
): Record<string, Float64Array> {
  if (statistics === undefined || statistics.moments.length > MAX_KEPT_COLUMNS) return {};
  const { gram, moments, targetSquares } = statistics;
  const triangle = packTriangle(gram, moments.length);
  return { gram: triangle, moments, targetSquares: Float64Array.of(targetSquares) };
}

/**
 * The statistics in a container; undefined if it has none.
 * @throws RangeError if they are not sums over rows of so many columns
 */
export function readStatistics(container: Container, q: number): LinearStatistics | undefined {
  if (!('gram' in container.arrays)) return undefined;
  const packed = arrayOf(container, 'gram', Float64Array);
  const moments = arrayOf(container, 'moments', Float64Array);
  const squares = arrayOf(container, 'targetSquares', Float64Array);
  if (
    q > MAX_KEPT_COLUMNS ||
    packed.length !== (q * (q + 1)) / 2 ||
    moments.length !== q ||
    squares.length !== 1 ||
    ![packed, moments, squares].every((array) => array.every(Number.isFinite))
  ) {
    throw damaged('the sums of products of a linear regression');
  }
  const gram = unpackTriangle(packed, q);
  for (let i = 0; i < q; i++) {
    if (gram[i * q + i] < 0) throw damaged('a sum of squares of a linear regression');
  }
  if (!(gram[q * q - 1] > 0) || squares[0] < 0) throw damaged('a linear regression of no rows');
  return { gram, moments, targetSquares: squares[0] };
}
