import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createRandom } from '../../random.ts';
import { blockSums, weightedSums } from './block-sums.ts';
import { emptyTally, tallyInto } from './rank-metrics.ts';

describe('what is used again for each resample', () => {
  it('sums what adding every term as often as its block is drawn does, whatever was drawn before', () => {
    const shapes = fc.record({
      rows: fc.integer({ min: 1, max: 40 }),
      cols: fc.integer({ min: 1, max: 5 }),
      seed: fc.integer(),
    });
    const property = ({ rows, cols, seed }: { rows: number; cols: number; seed: number }): void => {
      const random = createRandom(seed);
      const term = (): number => (random() < 0.5 ? 0 : random() - 0.5);
      const data = Float64Array.from({ length: rows * cols }, term);
      const own = blockSums(
        { data, cols },
        rows,
        Int32Array.from({ length: rows }, (_, i) => i),
      );
      assert.ok(own !== undefined);
      for (let draw = 0; draw < 3; draw++) {
        const times = Int32Array.from({ length: rows }, () => Math.floor(random() * 3));
        const expected = new Float64Array(cols);
        for (let i = 0; i < rows * cols; i++) {
          expected[i % cols] =
            (expected[i % cols] ?? 0) + (times[Math.floor(i / cols)] ?? 0) * (data[i] ?? 0);
        }
        assert.deepEqual(weightedSums(own, times), expected);
      }
    };
    fc.assert(fc.property(shapes, property), { seed: 1 });
  });

  it('leaves a term that cannot be told out of the resamples that its block is not in', () => {
    const own = blockSums({ data: Float64Array.of(Infinity, 2), cols: 1 }, 2, Int32Array.of(0, 1));
    assert.ok(own !== undefined);
    assert.deepEqual([...weightedSums(own, Int32Array.of(0, 2))], [4]);
  });

  it('counts the rows of a ranking anew', () => {
    const ranking = {
      groupOf: Int32Array.of(0, 1, 1),
      groups: 2,
      positive: Uint8Array.of(1, 0, 1),
    };
    const tally = emptyTally(ranking);
    tallyInto(tally, ranking, Int32Array.of(3, 1, 0));
    tallyInto(tally, ranking);
    const { positives, negatives, allPositives, allNegatives } = tally;
    assert.deepEqual([...positives], [1, 1]);
    assert.deepEqual([...negatives], [0, 1]);
    assert.deepEqual([allPositives, allNegatives], [2, 1]);
  });
});
