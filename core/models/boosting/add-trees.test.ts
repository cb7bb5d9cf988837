import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '../../random.ts';
import { codedRows } from '../trees/chunks.ts';
import { addTreesInto } from './add-trees.ts';
import type { BoostedTree } from './grow-leaves.ts';

const MISSING = 255;
const MISSING_LEFT = 0x8000;

// Of more than 2,048 features, columns are addressed in 32 bits instead of 16.
for (const features of [1, 3, 2048, 2049, 5000]) {
  test(`trees of any depth say the same as a walk node by node, of ${features} features`, () => {
    const random = createRandom(features);
    const rows = 77;
    const outputs = 2;
    const codes = Uint8Array.from({ length: rows * features }, () =>
      random() < 0.1 ? MISSING : Math.floor(random() * 255),
    );
    const trees = [0, 1, 3, 9, 60, 400].map((splits) => randomTree(splits, features, random));
    const scores = Float64Array.from({ length: rows * outputs }, () => random());
    const expected = scores.slice();
    for (let i = 0; i < rows; i++) {
      trees.forEach((tree, t) => {
        expected[i * outputs + (t % outputs)]! += leafOf(tree, (j) => codes[j * rows + i]!);
      });
    }
    addTreesInto(trees, codedRows(codes, rows, 1), features, outputs, scores);
    assert.deepEqual(scores, expected);
  });
}

/** Each split is of a leaf drawn at random, the last one as often as all others, so that trees are deep. */
function randomTree(splits: number, features: number, random: () => number): BoostedTree {
  const nodes = 2 * splits + 1;
  const tree = {
    feature: new Uint16Array(nodes),
    bin: new Uint8Array(nodes),
    left: new Int32Array(nodes),
    value: Float64Array.from({ length: nodes }, () => random() - 0.5),
  };
  const leaves = [0];
  for (let split = 0; split < splits; split++) {
    const at = random() < 0.5 ? leaves.length - 1 : Math.floor(random() * leaves.length);
    const node = leaves.splice(at, 1)[0]!;
    tree.feature[node] = Math.floor(random() * features) + (random() < 0.5 ? MISSING_LEFT : 0);
    tree.bin[node] = Math.floor(random() * 255);
    tree.left[node] = 2 * split + 1;
    leaves.push(2 * split + 1, 2 * split + 2);
  }
  return tree;
}

function leafOf(tree: BoostedTree, codeOf: (feature: number) => number): number {
  let node = 0;
  while (tree.left[node] !== 0) {
    const split = tree.feature[node]!;
    const code = codeOf(split % MISSING_LEFT);
    const isLeft = code === MISSING ? split >= MISSING_LEFT : code <= tree.bin[node]!;
    node = tree.left[node]! + (isLeft ? 0 : 1);
  }
  return tree.value[node]!;
}
