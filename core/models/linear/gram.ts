import type { EncodedTable } from '../encoder.ts';
import { designWidth, forEachBlock } from './design.ts';
import type { Design } from './design.ts';

/** Most columns of a linear model: the products of all pairs then take 128 MB, and solving some ten seconds. */
const MAX_COLUMNS = 4000;

/**
 * XᵀX of a design: row-major, q × q, the lower triangle filled.
 * @throws RangeError if there are more than 4000 columns
 */
export function gramMatrix(estimator: string, table: EncodedTable, design: Design): Float64Array {
  const q = designWidth(design);
  if (q > MAX_COLUMNS) {
    throw new RangeError(
      `${estimator}: ${q} columns, numbers and categories, at most ${MAX_COLUMNS} are supported; ignore some, or use the estimator 'forest'`,
    );
  }
  const gram = new Float64Array(q * q);
  forEachBlock(table, design, (block, _, rows) => {
    for (let row = 0; row < rows; row++) {
      const x = block.subarray(row * q, row * q + q);
      for (let i = 0; i < q; i++) {
        const own = x[i];
        // Most columns of categories are 0 in most rows.
        if (own === 0) continue;
        for (let j = 0; j <= i; j++) gram[i * q + j] += own * x[j];
      }
    }
  });
  return gram;
}
