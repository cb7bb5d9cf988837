import { takeRows } from '../../table.ts';
import type { Table } from '../../table.ts';
import { encodeTable } from '../input/encoder.ts';
import { scaledTargets } from '../input/targets.ts';
import type { Targets } from '../input/targets.ts';
import { trainingRows } from '../input/weights.ts';
import { binnedRows } from '../trees/chunks.ts';
import { checkedForest } from './forest.ts';
import type { ForestModel } from './forest.ts';
import { concatTrees, LAST_ENTRY, treeAt, treeCount } from './trees.ts';
import type { Trees } from './trees.ts';
import { visitLeaves } from './walk.ts';

export interface RefreshOptions {
  /** rows that the values of a tree's leaves stand for, 0 and above; shared out evenly among its leaves */
  readonly known: number;
  /** of the new rows, one each; absent: all 1 */
  readonly weights?: Float64Array | undefined;
}

/**
 * The forest with the values of its leaves estimated anew: a leaf becomes the mean of the rows that it stands for, at
 * their old value, and of the new rows in it. A leaf without new rows stays; all splits stay.
 *
 * @throws RangeError if `known` is out of range, or a column, a weight or an outcome is not as it must be
 */
export function refreshLeaves(
  { forest }: ForestModel,
  table: Table,
  rows: Int32Array,
  { known, weights }: RefreshOptions,
): ForestModel {
  if (!(known >= 0 && known < Infinity)) {
    throw new RangeError(`refreshLeaves: known must be 0 or more rows, got ${known}`);
  }
  const { schema, trees, targetScale } = forest;
  const data = trainingRows('forest', table, rows, schema, { weights });
  const targets = scaledTargets(data.targets, targetScale);
  const binned = binnedRows(encodeTable(takeRows(table, data.rows), schema), forest.features);
  const width = targets.kind === 'classification' ? targets.classes : 1;
  const parts = Array.from({ length: treeCount(trees) }, (_, t) => treeAt(trees, t));
  const sums = parts.map(() => new Map<number, NewRows>());
  visitLeaves(forest, binned, (t, from, leaves) => {
    for (let i = 0; i < leaves.length; i++) {
      addRow(sums[t], leaves[i], width, targets, from + i, data.weights?.[from + i] ?? 1);
    }
  });
  const refreshed = parts.map((tree, t) => blended(tree, sums[t], known, width));
  return checkedForest({ ...forest, trees: concatTrees(refreshed) });
}

/** What new rows say in a leaf: weight of each class, or weight times outcome; then weight. */
type NewRows = Float64Array;

function addRow(
  leaves: Map<number, NewRows>,
  leaf: number,
  width: number,
  targets: Targets,
  row: number,
  weight: number,
): void {
  let own = leaves.get(leaf);
  if (own === undefined) leaves.set(leaf, (own = new Float64Array(width + 1)));
  if (targets.kind === 'classification') own[targets.labels[row]] += weight;
  else own[0] += weight * targets.values[row];
  own[width] += weight;
}

function blended(
  tree: Trees,
  sums: ReadonlyMap<number, NewRows>,
  known: number,
  width: number,
): Trees {
  const leaves = tree.left.filter((left) => left < 0).length;
  const old = known / leaves;
  const left = tree.left.slice();
  const entryClass: number[] = [];
  const entryValue: number[] = [];
  const shares = new Float64Array(width);
  for (let node = 0; node < left.length; node++) {
    if (left[node] >= 0) continue;
    const leaf = -1 - left[node];
    left[node] = -1 - entryValue.length;
    readLeaf(tree, leaf, shares);
    const added = sums.get(leaf);
    if (added !== undefined) {
      const weight = old + added[width];
      for (let k = 0; k < width; k++) shares[k] = (old * shares[k] + added[k]) / weight;
    }
    writeLeaf(shares, entryClass, entryValue);
  }
  return {
    ...tree,
    left,
    entryOffsets: Int32Array.of(0, entryValue.length),
    entryClass: Uint16Array.from(entryClass),
    entryValue: Float32Array.from(entryValue),
  };
}

/** The shares of all classes in a leaf, or its mean. */
function readLeaf(tree: Trees, leaf: number, out: Float64Array): void {
  out.fill(0);
  for (let entry = leaf; ; entry++) {
    const k = tree.entryClass[entry];
    out[k & (LAST_ENTRY - 1)] = tree.entryValue[entry];
    if (k >= LAST_ENTRY) return;
  }
}

function writeLeaf(shares: Float64Array, entryClass: number[], entryValue: number[]): void {
  for (let k = 0; k < shares.length; k++) {
    if (shares[k] === 0 && shares.length > 1) continue;
    entryClass.push(k);
    entryValue.push(shares[k]);
  }
  entryClass[entryClass.length - 1] |= LAST_ENTRY;
}
