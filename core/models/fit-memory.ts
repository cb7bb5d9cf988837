import { kernelBytes as boostingKernelBytes } from './boosting/kernel/kernel.ts';
import type { EstimatorParams } from './fit.ts';
import { growerBytes } from './forest/grower.ts';
import { withKernel } from './forest/kernel/kernel.ts';
import type { ForestParams } from './forest/params.ts';
import type { ModelSchema } from './model.ts';

/** What decides how much memory a fit takes. */
export interface FitSize {
  readonly params: EstimatorParams;
  /** rows to train on */
  readonly rows: number;
  readonly schema: Pick<ModelSchema, 'features' | 'classes'>;
  /** threads that grow a forest at the same time, each of which holds the bins of all rows */
  readonly threads: number;
}

/**
 * What is counted is what is needed at a time; what was needed before is freed some time later. Measured peaks of
 * fits to 100,000 and 400,000 rows × 20 features are 0.7 to 1.25 times what is counted.
 */
const SLACK = 1.25;

/** Outcomes, weights, row numbers and scores. */
const ROW_BYTES = 64;

/** Of a tree that is grown until its leaves are pure: leaves a row. A bootstrap sample has 63 % of the rows. */
const LEAVES_A_ROW = { classification: 0.2, regression: 0.63 } as const;

/** Two nodes of 7 bytes and an entry of 6. */
const LEAF_BYTES = 20;

/** What the package ml-random-forest makes of a row in each tree. */
const ML_TREE_ROW_BYTES = 10_000;

/**
 * Bytes that a fit takes beside the table itself: an estimate, from what it lays out and measured factors.
 */
export function fitBytes(size: FitSize): number {
  return SLACK * (encodedBytes(size) + ROW_BYTES * size.rows + estimatorBytes(size));
}

/** Whether a fit keeps within a limit: null, or a sentence that names need, limit and what helps. */
export function memoryRefusal(size: FitSize, limitMb: number): string | null {
  const { params, rows, schema } = size;
  const megabytes = Math.ceil(fitBytes(size) / 2 ** 20);
  if (megabytes <= limitMb) return null;
  return `fitting '${params.kind}' to ${rows} rows × ${schema.features.length} features takes about ${megabytes} MB, more than the ${limitMb} MB that a fit may take; train on fewer rows, ignore columns, ${adviceFor(size)}raise the limit`;
}

/** A copy of the features of the rows, as estimators read them. */
function encodedBytes({ rows, schema }: FitSize): number {
  return schema.features.reduce((sum, { kind }) => sum + rows * (kind === 'numeric' ? 8 : 4), 0);
}

function estimatorBytes(size: FitSize): number {
  const { params, rows, schema } = size;
  const features = schema.features.length;
  const classes = schema.classes.length;
  const outputs = classes > 2 ? classes : 1;
  switch (params.kind) {
    case 'forest':
      return rows * features + forestBytes(size, params);
    case 'boosting': {
      const kernel = { rows, features, outputs, slots: params.maxLeaves };
      // Scores are there before and after a step, and probabilities beside them.
      return rows * features + boostingKernelBytes(kernel) + 24 * rows * outputs;
    }
    case 'logistic':
      return blockBytes(size) + 16 * (designColumns(schema) * outputs) ** 2;
    case 'linear':
      return 24 * designColumns(schema) ** 2;
    case 'ml-random-forest':
      return ML_TREE_ROW_BYTES * rows * params.trees;
    case 'naive-bayes':
    case 'baseline':
      return 0;
  }
}

/** Kernels of all threads, and the trees, once as they were grown and once together. */
function forestBytes({ rows, schema, threads }: FitSize, params: ForestParams): number {
  const classes = schema.classes.length;
  const grower = withKernel((kernel) =>
    growerBytes(kernel, {
      rows,
      features: schema.features.length,
      classes,
      params,
      weighted: params.classWeight !== undefined,
    }),
  );
  const share = LEAVES_A_ROW[classes > 0 ? 'classification' : 'regression'];
  const leaves = Math.min(2 ** params.maxDepth, (rows * share) / params.minLeaf);
  return threads * grower + 2 * params.trees * leaves * LEAF_BYTES;
}

/** Columns of all rows, which are kept up to 128 MB, and of an eighth of them. */
function blockBytes({ rows, schema }: FitSize): number {
  return Math.min(2 ** 27, (9 / 8) * 8 * rows * designColumns(schema));
}

/** Most columns that linear models make of the features. */
function designColumns({ features }: FitSize['schema']): number {
  return features.reduce(
    (sum, own) => sum + (own.kind === 'numeric' ? 2 : Math.min(51, own.dictionary.length)),
    1,
  );
}

function adviceFor({ params, threads }: FitSize): string {
  if (params.kind !== 'forest') return '';
  return threads > 1 ? 'grow fewer trees, use fewer threads, or ' : 'grow fewer trees, or ';
}
