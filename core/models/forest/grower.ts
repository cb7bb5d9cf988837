import { deriveSeed } from '../../random.ts';
import { MEMORY_START } from '../../web-assembly.ts';
import { reserveMemory } from './kernel/kernel.ts';
import type { ForestKernel } from './kernel/kernel.ts';
import { featuresTried } from './params.ts';
import type { TrainingSet } from './training-set.ts';
import type { Trees } from './trees.ts';

/** What a kernel is told about the purpose of its trees. */
const PURPOSE = { pair: 0, classes: 1, squares: 2 } as const;

/**
 * Grows random trees in a kernel: each on a bootstrap sample of the rows, the best split of a random choice of
 * features at each node. Where none of the chosen features can be split, more are drawn, as scikit-learn does. With
 * weights, rows are drawn with chances in proportion to them.
 *
 * @returns tree number `tree`; the same number gives the same tree
 * @throws RangeError if the rows do not fit into the kernel's memory
 * @see Breiman (2001), Machine Learning 45:5–32
 */
export function createTreeGrower(kernel: ForestKernel, set: TrainingSet): (tree: number) => Trees {
  fillGrower(kernel, set);
  return (tree) => {
    const nodes = kernel.growTree(deriveSeed(set.seed, tree));
    return copyTree(kernel, nodes, set.features.length);
  };
}

/**
 * Draws the rows of trees in a kernel, without growing them.
 * @returns how often each row is drawn for tree number `tree`; overwritten by the next call
 */
export function createRowDrawer(
  kernel: ForestKernel,
  set: TrainingSet,
): (tree: number) => Uint32Array {
  fillGrower(kernel, set);
  const drawn = new Uint32Array(kernel.memory.buffer, kernel.draws.value, set.rows);
  return (tree) => {
    kernel.drawRows(deriveSeed(set.seed, tree));
    return drawn;
  };
}

/** Bytes of a kernel's memory that growing trees takes. */
export function growerBytes(kernel: ForestKernel, set: GrowerSize): number {
  const { rows, features, classes, params, weighted } = set;
  const purpose = classes === 0 ? PURPOSE.squares : classes === 2 ? PURPOSE.pair : PURPOSE.classes;
  return kernel.layout(
    MEMORY_START,
    purpose,
    rows,
    features,
    Math.max(1, classes),
    featuresTried(params, classes === 0 ? 'regression' : 'classification', features),
    params.maxDepth,
    params.minLeaf,
    weighted,
  );
}

export interface GrowerSize extends Pick<TrainingSet, 'rows' | 'params'> {
  readonly features: number;
  /** 0 for a regression */
  readonly classes: number;
  readonly weighted: boolean;
}

function fillGrower(kernel: ForestKernel, set: TrainingSet): void {
  const { rows, params, targets, weights, codes } = set;
  const features = set.features.length;
  const end = growerBytes(kernel, {
    rows,
    features,
    params,
    classes: targets.kind === 'classification' ? targets.classes : 0,
    weighted: weights !== undefined,
  });
  reserveMemory(kernel, end, `trees on ${rows} rows × ${features} features`);
  const { buffer } = kernel.memory;
  new Uint8Array(buffer, kernel.codes.value, codes.length).set(codes);
  if (targets.kind === 'classification') {
    new Uint16Array(buffer, kernel.outcomes.value, rows).set(targets.labels);
  } else {
    new Float64Array(buffer, kernel.outcomes.value, rows).set(targets.values);
  }
  if (weights !== undefined) {
    const cumulative = new Float64Array(buffer, kernel.cumulative.value, rows);
    fillGuide(weights, cumulative, new Int32Array(buffer, kernel.guide.value, rows));
  }
}

/** Sums of the weights, and for each n-th part of their sum the first row that reaches beyond it. */
function fillGuide(weights: Float64Array, cumulative: Float64Array, guide: Int32Array): void {
  const n = weights.length;
  let sum = 0;
  for (let i = 0; i < n; i++) {
    sum += weights[i];
    cumulative[i] = sum;
  }
  for (let part = 0, row = 0; part < n; part++) {
    while (row < n - 1 && cumulative[row] <= (part / n) * sum) row++;
    guide[part] = row;
  }
}

function copyTree(kernel: ForestKernel, nodes: number, features: number): Trees {
  const { buffer } = kernel.memory;
  const entries = kernel.entryCount();
  const gains = new Float64Array(buffer, kernel.gains.value, features);
  const total = gains.reduce((sum, gain) => sum + gain, 0);
  return {
    nodeOffsets: Int32Array.of(0, nodes),
    entryOffsets: Int32Array.of(0, entries),
    feature: new Uint16Array(buffer, kernel.nodeFeature.value, nodes).slice(),
    bin: new Uint8Array(buffer, kernel.nodeBin.value, nodes).slice(),
    left: new Int32Array(buffer, kernel.nodeLeft.value, nodes).slice(),
    entryClass: new Uint16Array(buffer, kernel.entryClass.value, entries).slice(),
    entryValue: new Float32Array(buffer, kernel.entryValue.value, entries).slice(),
    gains: Float32Array.from(gains, (gain) => (total > 0 ? gain / total : 0)),
  };
}
