import { damaged } from '../artefact/container.ts';
import { MISSING_BIN } from '../binning/bins.ts';
import type { Forest } from './fitted-forest.ts';
import { LAST_ENTRY, MISSING_LEFT, treeCount } from './trees.ts';
import type { Trees } from './trees.ts';

/** How far the shares of a leaf, rounded to 32 bits, may be from adding up to 1. */
const SHARE_TOLERANCE = 1e-4;

/**
 * Checks that predicting with the trees ends, stays inside their arrays and gives finite numbers, wherever
 * the trees come from.
 * @throws RangeError naming the tree and node that is wrong
 */
export function checkTrees(forest: Pick<Forest, 'schema' | 'features' | 'trees'>): void {
  const { trees, features, schema } = forest;
  const { nodeOffsets, entryOffsets } = trees;
  if (nodeOffsets.length < 2) throw damaged('a forest without trees');
  if (entryOffsets.length !== nodeOffsets.length) throw damaged('trees and leaves do not match');
  checkOffsets(nodeOffsets, [trees.feature.length, trees.bin.length, trees.left.length]);
  checkOffsets(entryOffsets, [trees.entryClass.length, trees.entryValue.length]);
  checkGains(trees, features.length);
  const classes = schema.task === 'classification' ? schema.classes.length : 1;
  for (let t = 0; t + 1 < nodeOffsets.length; t++) {
    checkNodes(trees, t, features.length);
    checkEntries(trees, t, classes, schema.task === 'classification');
  }
}

function checkOffsets(offsets: Int32Array, lengths: readonly number[]): void {
  if (offsets[0] !== 0) throw damaged('its first tree does not begin at 0');
  for (let t = 0; t + 1 < offsets.length; t++) {
    if (offsets[t + 1] <= offsets[t]) throw damaged(`tree ${t} is empty`);
  }
  const end = offsets[offsets.length - 1];
  if (lengths.some((length) => length !== end))
    throw damaged(`its trees end at ${end}, not at their arrays' end`);
}

function checkGains(trees: Trees, features: number): void {
  const { gains } = trees;
  if (gains.length === 0) return;
  if (gains.length !== treeCount(trees) * features) {
    throw damaged(`${gains.length} gains of ${treeCount(trees)} trees and ${features} features`);
  }
  const wrong = gains.find((gain) => !(gain >= 0 && gain <= 1));
  if (wrong !== undefined) throw damaged(`a gain of ${wrong}`);
}

/** Children come after their parent and inside the tree, so that no path is endless. */
function checkNodes(trees: Trees, t: number, features: number): void {
  const first = trees.nodeOffsets[t];
  const nodes = trees.nodeOffsets[t + 1] - first;
  const entries = trees.entryOffsets[t + 1] - trees.entryOffsets[t];
  for (let node = 0; node < nodes; node++) {
    const left = trees.left[first + node];
    if (left < 0) {
      if (-1 - left >= entries) throw damaged(`tree ${t}, node ${node}: no entry ${-1 - left}`);
      continue;
    }
    if (left <= node || left + 1 >= nodes) {
      throw damaged(`tree ${t}, node ${node}: children ${left} and ${left + 1} of ${nodes} nodes`);
    }
    const feature = trees.feature[first + node] & (MISSING_LEFT - 1);
    if (feature >= features) {
      throw damaged(`tree ${t}, node ${node}: feature ${feature} of ${features}`);
    }
    if (trees.bin[first + node] >= MISSING_BIN) {
      throw damaged(`tree ${t}, node ${node}: splits after bin ${trees.bin[first + node]}`);
    }
  }
}

/** Every leaf ends; its shares are of known classes and add up to 1, or its value is finite. */
function checkEntries(trees: Trees, t: number, classes: number, shares: boolean): void {
  const first = trees.entryOffsets[t];
  const end = trees.entryOffsets[t + 1];
  if (trees.entryClass[end - 1] < LAST_ENTRY) throw damaged(`tree ${t}: its last leaf has no end`);
  let sum = 0;
  for (let entry = first; entry < end; entry++) {
    const k = trees.entryClass[entry];
    const value = trees.entryValue[entry];
    if ((k & (LAST_ENTRY - 1)) >= classes) {
      throw damaged(`tree ${t}: class ${k & (LAST_ENTRY - 1)} of ${classes}`);
    }
    if (!Number.isFinite(value) || (shares && value < 0)) throw damaged(`tree ${t}: leaf ${value}`);
    sum += value;
    if (k < LAST_ENTRY) continue;
    if (shares && Math.abs(sum - 1) > SHARE_TOLERANCE) {
      throw damaged(`tree ${t}: the shares of a leaf add up to ${sum}`);
    }
    sum = 0;
  }
}
