import { MISSING_BIN } from '../binning/bins.ts';
import type { FeatureBins } from '../binning/feature-bins.ts';
import type { Boosted } from '../boosting/boosted.ts';
import type { Forest } from '../forest/fitted-forest.ts';
import { LAST_ENTRY, treeCount } from '../forest/trees.ts';
import type { ModelSchema } from '../model.ts';
import type { GraphBuilder } from './graph.ts';

/** Trees have this bit in the feature of a node whose missing values go left; forests and boosting alike. */
const MISSING_LEFT = 0x8000;

/** An ONNX file has at most 2 GB; a node takes about 100 bytes. */
const MAX_NODES = 10_000_000;

/** What ONNX's operator TreeEnsembleRegressor is told of nodes and leaves. */
interface Ensemble {
  readonly trees: number[];
  readonly nodes: number[];
  readonly features: number[];
  readonly modes: string[];
  readonly thresholds: number[];
  readonly lefts: number[];
  readonly rights: number[];
  readonly missingLefts: number[];
  readonly leafTrees: number[];
  readonly leafNodes: number[];
  readonly leafOutputs: number[];
  readonly leafValues: number[];
}

/** Mean class shares, or the mean outcome in deviations, of the trees of a forest. */
export function forestScores(
  graph: GraphBuilder,
  { schema, features, trees }: Pick<Forest, 'schema' | 'features' | 'trees'>,
): string {
  requireNodes(trees.left.length);
  const ensemble = emptyEnsemble();
  const count = treeCount(trees);
  for (let t = 0; t < count; t++) {
    const first = trees.nodeOffsets[t];
    for (let at = first; at < trees.nodeOffsets[t + 1]; at++) {
      const child = trees.left[at];
      if (child >= 0) {
        addSplit(ensemble, features, t, at - first, trees.feature[at], trees.bin[at], child);
        continue;
      }
      addLeaf(ensemble, t, at - first);
      for (let entry = trees.entryOffsets[t] - 1 - child; ; entry++) {
        const k = trees.entryClass[entry];
        addValue(ensemble, t, at - first, k & (LAST_ENTRY - 1), trees.entryValue[entry] / count);
        if (k >= LAST_ENTRY) break;
      }
    }
  }
  const outputs = Math.max(1, schema.classes.length);
  return scoresOf(graph, schema, features, ensemble, new Float64Array(outputs));
}

/** Sums of boosted trees. */
export function boostedScores(
  graph: GraphBuilder,
  { schema, features, trees, initial }: Pick<Boosted, 'schema' | 'features' | 'trees' | 'initial'>,
): string {
  requireNodes(trees.reduce((sum, { left }) => sum + left.length, 0));
  const ensemble = emptyEnsemble();
  trees.forEach(({ feature, bin, left, value }, t) => {
    for (let node = 0; node < left.length; node++) {
      if (left[node] !== 0) {
        addSplit(ensemble, features, t, node, feature[node], bin[node], left[node]);
      } else {
        addLeaf(ensemble, t, node);
        addValue(ensemble, t, node, t % initial.length, value[node]);
      }
    }
  });
  if (trees.length === 0) {
    // The operator wants a tree.
    addLeaf(ensemble, 0, 0);
    addValue(ensemble, 0, 0, 0, 0);
  }
  return scoresOf(graph, schema, features, ensemble, initial);
}

function scoresOf(
  graph: GraphBuilder,
  schema: ModelSchema,
  features: readonly FeatureBins[],
  ensemble: Ensemble,
  base: Float64Array,
): string {
  const ints = (values: readonly number[]) => ({ kind: 'ints', values }) as const;
  const doubles = (values: ArrayLike<number>) =>
    ({ kind: 'doubles', values: Float64Array.from(values) }) as const;
  const sums = graph.learned('TreeEnsembleRegressor', [featureMatrix(graph, schema, features)], {
    n_targets: { kind: 'int', value: base.length },
    aggregate_function: { kind: 'string', value: 'SUM' },
    post_transform: { kind: 'string', value: 'NONE' },
    base_values_as_tensor: doubles(base),
    nodes_treeids: ints(ensemble.trees),
    nodes_nodeids: ints(ensemble.nodes),
    nodes_featureids: ints(ensemble.features),
    nodes_modes: { kind: 'strings', values: ensemble.modes },
    nodes_values_as_tensor: doubles(ensemble.thresholds),
    nodes_truenodeids: ints(ensemble.lefts),
    nodes_falsenodeids: ints(ensemble.rights),
    nodes_missing_value_tracks_true: ints(ensemble.missingLefts),
    target_treeids: ints(ensemble.leafTrees),
    target_nodeids: ints(ensemble.leafNodes),
    target_ids: ints(ensemble.leafOutputs),
    target_weights_as_tensor: doubles(ensemble.leafValues),
  });
  return graph.standard('Cast', [sums], { to: { kind: 'int', value: 11 } });
}

/** Numbers as they are, categories as the numbers of their bins: double, rows × features. */
function featureMatrix(
  graph: GraphBuilder,
  { features }: ModelSchema,
  bins: readonly FeatureBins[],
): string {
  const columns = features.map((feature, j) => {
    const own = bins[j];
    if (feature.kind === 'numeric' || own.kind === 'numeric') {
      return graph.input(feature.name, 'double');
    }
    const { dictionary } = feature;
    const encoded = graph.learned('LabelEncoder', [graph.input(feature.name, 'string')], {
      keys_strings: { kind: 'strings', values: ['', ...dictionary] },
      values_floats: {
        kind: 'floats',
        values: [NaN, ...dictionary.map((_, code) => own.binOfCode[code])],
      },
      default_float: { kind: 'float', value: own.binOfCode[dictionary.length] },
    });
    return graph.standard('Cast', [encoded], { to: { kind: 'int', value: 11 } });
  });
  return graph.standard('Concat', columns, { axis: { kind: 'int', value: 1 } });
}

function addSplit(
  ensemble: Ensemble,
  features: readonly FeatureBins[],
  tree: number,
  node: number,
  packed: number,
  bin: number,
  left: number,
): void {
  const feature = packed & (MISSING_LEFT - 1);
  ensemble.trees.push(tree);
  ensemble.nodes.push(node);
  ensemble.features.push(feature);
  ensemble.modes.push('BRANCH_LEQ');
  ensemble.thresholds.push(thresholdOf(features[feature], bin));
  ensemble.lefts.push(left);
  ensemble.rights.push(left + 1);
  ensemble.missingLefts.push(packed >= MISSING_LEFT ? 1 : 0);
}

/** The largest number in a bin. */
function thresholdOf(bins: FeatureBins, bin: number): number {
  if (bins.kind === 'categorical') return Math.min(bin, MISSING_BIN - 1);
  return bin < bins.borders.length ? bins.borders[bin] : Number.MAX_VALUE;
}

function addLeaf(ensemble: Ensemble, tree: number, node: number): void {
  ensemble.trees.push(tree);
  ensemble.nodes.push(node);
  ensemble.features.push(0);
  ensemble.modes.push('LEAF');
  ensemble.thresholds.push(0);
  ensemble.lefts.push(0);
  ensemble.rights.push(0);
  ensemble.missingLefts.push(0);
}

function addValue(
  ensemble: Ensemble,
  tree: number,
  node: number,
  output: number,
  value: number,
): void {
  ensemble.leafTrees.push(tree);
  ensemble.leafNodes.push(node);
  ensemble.leafOutputs.push(output);
  ensemble.leafValues.push(value);
}

function emptyEnsemble(): Ensemble {
  return {
    trees: [],
    nodes: [],
    features: [],
    modes: [],
    thresholds: [],
    lefts: [],
    rights: [],
    missingLefts: [],
    leafTrees: [],
    leafNodes: [],
    leafOutputs: [],
    leafValues: [],
  };
}

function requireNodes(nodes: number): void {
  if (nodes <= MAX_NODES) return;
  throw new RangeError(
    `trees of ${nodes} nodes cannot be written as ONNX, at most ${MAX_NODES} can; grow fewer or smaller ones`,
  );
}
