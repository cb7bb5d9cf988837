import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MISSING_BIN } from '../binning/bins.ts';
import type { FeatureBins } from '../binning/feature-bins.ts';
import type { Targets } from '../input/targets.ts';
import { growTrees } from './chunk.ts';
import { createRowDrawer } from './grower.ts';
import { withKernel } from './kernel/kernel.ts';
import { DEFAULT_FOREST } from './params.ts';
import type { ForestParams } from './params.ts';
import type { TrainingSet } from './training-set.ts';
import { MISSING_LEFT } from './trees.ts';
import type { Trees } from './trees.ts';

/** Rows of bins with outcomes: what trees are grown from. */
interface Rows {
  /** row-major */
  readonly codes: readonly (readonly number[])[];
  readonly outcomes: readonly number[];
}

const FEATURES = 5;

/** Few bins or many, and missing ones; so many rows that every way of counting is taken. */
const rowsArbitrary = (classes: number): fc.Arbitrary<Rows> =>
  fc
    .record({
      n: fc.oneof(fc.integer({ min: 2, max: 30 }), fc.integer({ min: 100, max: 1500 })),
      bins: fc.constantFrom(2, 9, 254),
      missing: fc.constantFrom(0, 0.2),
      seed: fc.integer({ min: 0, max: 1e6 }),
    })
    .map(({ n, bins, missing, seed }) => {
      let state = seed;
      const random = (): number => {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
        return state / 2 ** 32;
      };
      const codes = Array.from({ length: n }, () =>
        Array.from({ length: FEATURES }, () =>
          random() < missing ? MISSING_BIN : Math.floor(random() * bins),
        ),
      );
      const outcomes = codes.map(([code = 0]) => {
        const signal = code === MISSING_BIN ? 0.3 : code / bins;
        const y = 0.6 * signal + 0.4 * random();
        return classes === 0 ? y - 0.5 : Math.min(classes - 1, Math.floor(classes * y));
      });
      return { codes, outcomes };
    });

function setOf(
  { codes, outcomes }: Rows,
  classes: number,
  own: Partial<ForestParams>,
): TrainingSet {
  const rows = codes.length;
  const columns = new Uint8Array(new SharedArrayBuffer(rows * FEATURES));
  codes.forEach((row, i) => row.forEach((code, j) => (columns[j * rows + i] = code)));
  const names = Array.from({ length: FEATURES }, (_, j) => `x${j}`);
  const targets: Targets =
    classes === 0
      ? { kind: 'regression', values: Float64Array.from(outcomes) }
      : { kind: 'classification', labels: Int32Array.from(outcomes), classes };
  return {
    schema: {
      target: 'y',
      task: classes === 0 ? 'regression' : 'classification',
      features: names.map((name) => ({ kind: 'numeric', name })),
      classes: Array.from({ length: classes }, (_, k) => `c${k}`),
    },
    params: { ...DEFAULT_FOREST, trees: 3, features: 1, ...own },
    seed: 4,
    rows,
    features: names.map((): FeatureBins => ({ kind: 'numeric', borders: new Float64Array(0) })),
    codes: columns,
    targets,
    targetScale: { center: 0, scale: 1 },
  };
}

/** How often each row is drawn for the first tree. */
function drawsOf(set: TrainingSet): number[] {
  return withKernel((kernel) => Array.from(createRowDrawer(kernel, set)(0)));
}

/** Impurity times weight, by its definition. */
function impurity(
  rows: readonly number[],
  outcomes: readonly number[],
  draws: readonly number[],
  classes: number,
): number {
  const weight = rows.reduce((sum, i) => sum + draws[i]!, 0);
  if (weight === 0) return 0;
  if (classes === 0) {
    const mean = rows.reduce((sum, i) => sum + draws[i]! * outcomes[i]!, 0) / weight;
    return rows.reduce((sum, i) => sum + draws[i]! * (outcomes[i]! - mean) ** 2, 0);
  }
  const totals = Array.from({ length: classes }, () => 0);
  for (const i of rows) totals[outcomes[i]!]! += draws[i]!;
  return weight * (1 - totals.reduce((sum, total) => sum + (total / weight) ** 2, 0));
}

const leftOf = (code: number, bin: number, missingLeft: boolean): boolean =>
  code === MISSING_BIN ? missingLeft : code <= bin;

for (const [purpose, classes] of [
  ['two classes', 2],
  ['four classes', 4],
  ['numbers', 0],
] as const) {
  test(`the first split of a tree for ${purpose} is the best that there is, by trying all`, () => {
    fc.assert(
      fc.property(rowsArbitrary(classes), fc.constantFrom(1, 1, 7), (rows, minLeaf) => {
        const set = setOf(rows, classes, { maxDepth: 1, minLeaf });
        const draws = drawsOf(set);
        const drawn = draws.flatMap((draw, i) => (draw > 0 ? [i] : []));
        const weightOf = (some: readonly number[]): number =>
          some.reduce((sum, i) => sum + draws[i]!, 0);
        const left = (j: number, bin: number, side: boolean): readonly number[] =>
          drawn.filter((i) => leftOf(rows.codes[i]![j]!, bin, side));
        const after = (some: readonly number[]): number => {
          const there = new Set(some);
          const others = drawn.filter((i) => !there.has(i));
          if (weightOf(some) < minLeaf || weightOf(others) < minLeaf) return Infinity;
          const of = (part: readonly number[]): number =>
            impurity(part, rows.outcomes, draws, classes);
          return of(some) + of(others);
        };
        let best = Infinity;
        const sides = rows.codes.some((row) => row.includes(MISSING_BIN)) ? [true, false] : [true];
        for (let j = 0; j < FEATURES; j++) {
          for (const bin of new Set(
            drawn.map((i) => Math.min(MISSING_BIN - 1, rows.codes[i]![j]!)),
          )) {
            for (const side of sides) best = Math.min(best, after(left(j, bin, side)));
          }
        }
        const { trees } = growTrees(set, 0, 1);
        const before = impurity(drawn, rows.outcomes, draws, classes);
        if (trees.left[0]! < 0) {
          assert.ok(before < 1e-9 || !(best < Infinity), `not split, ${before} to ${best}`);
          return;
        }
        const side = (trees.feature[0]! & MISSING_LEFT) !== 0;
        const found = after(left(trees.feature[0]! & (MISSING_LEFT - 1), trees.bin[0]!, side));
        assert.ok(Math.abs(found - best) < 1e-7 * (1 + before), `${found}, best ${best}`);
      }),
      { numRuns: 40, seed: 1 },
    );
  });
}

test('a row of weight w is drawn, and counts, as w equal rows do', () => {
  for (const classes of [2, 3]) {
    fc.assert(
      fc.property(rowsArbitrary(classes), fc.integer({ min: 0, max: 1e6 }), (rows, seed) => {
        const n = rows.codes.length;
        const weights = new Float64Array(n);
        for (let i = 0; i < n; i++) weights[(seed + i * i) % n]!++;
        const repeated = Array.from(weights).flatMap((weight, i) =>
          Array.from({ length: weight }, () => i),
        );
        const copies = {
          codes: repeated.map((i) => rows.codes[i]!),
          outcomes: repeated.map((i) => rows.outcomes[i]!),
        };
        const own = { features: 0.5 };
        const weighted = growTrees({ ...setOf(rows, classes, own), weights }, 0, 3).trees;
        const plain = growTrees(setOf(copies, classes, own), 0, 3).trees;
        assert.deepEqual(withoutSides(weighted), withoutSides(plain));
      }),
      { numRuns: 40, seed: 2 },
    );
  }
});

/** Where no missing value was met, the side is that of most rows, of which there are more where they are repeated. */
function withoutSides(trees: Trees): Trees {
  return { ...trees, feature: trees.feature.map((feature) => feature & (MISSING_LEFT - 1)) };
}

test('weights of 1 give the trees that there are without weights', () => {
  fc.assert(
    fc.property(rowsArbitrary(2), (rows) => {
      const set = setOf(rows, 2, {});
      const weights = new Float64Array(set.rows).fill(1);
      assert.deepEqual(growTrees({ ...set, weights }, 0, 3), growTrees(set, 0, 3));
    }),
    { numRuns: 20, seed: 3 },
  );
});

test('rows are drawn in proportion to their weights, and those of weight 0 never', () => {
  const n = 200;
  const rows = {
    codes: Array.from({ length: n }, () => [0, 0, 0, 0, 0]),
    outcomes: Array.from({ length: n }, () => 0),
  };
  const weights = Float64Array.from({ length: n }, (_, i) => [0, 1e-3, 4e-3][i % 3]!);
  const set = { ...setOf(rows, 2, { trees: 200 }), weights };
  const drawn = new Float64Array(3);
  withKernel((kernel) => {
    const draw = createRowDrawer(kernel, set);
    for (let t = 0; t < 200; t++) draw(t).forEach((draws, i) => (drawn[i % 3]! += draws));
  });
  assert.equal(drawn[0], 0);
  assert.ok(Math.abs(drawn[2]! / drawn[1]! - (4 * 66) / 67) < 0.2, drawn.join());
});
