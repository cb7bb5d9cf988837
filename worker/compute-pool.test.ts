import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { learnSchema } from '../core/models/input/encoder.ts';
import { prepareForest, type TrainingSet } from '../core/models/forest/training-set.ts';
import { createRandom } from '../core/random.ts';
import { startComputePool, type ComputePool } from './compute-pool.ts';

const ROWS = 50_000;
/** Far more than can be grown while the test runs. */
const TREES = 2_000;

describe('a compute thread', () => {
  let folder: string;
  let pool: ComputePool;
  let set: TrainingSet;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'calmops-pool-'));
    pool = startComputePool(1, {
      storeFolder: path.join(folder, 'store'),
      scratchFolder: folder,
      checkpointsFolder: path.join(folder, 'checkpoints'),
      codeVersion: '1',
      fitMemory: { megabytes: 4096, threads: 1 },
    });
    set = noise();
  });
  after(async () => {
    await pool.close();
    await rm(folder, { recursive: true, force: true });
  });

  test('ends a training in the middle of a tree when it is cancelled, and is there for the next one', async () => {
    const grow = { set, checkpoint: 'noise', first: 0 };
    await pool.run('growTrees', { ...grow, count: 1 });
    const cancellation = new AbortController();
    const growing = pool.run(
      'growTrees',
      { ...grow, count: TREES },
      { signal: cancellation.signal },
    );
    // Long enough for the thread to be in the middle of it, which nothing tells from outside.
    await setTimeout(300);
    cancellation.abort();
    await assert.rejects(growing, { name: 'AbortError' });
    const { count } = await pool.run('growTrees', { ...grow, count: 2 });
    assert.equal(count, 2);
  });
});

function noise(): TrainingSet {
  const random = createRandom(1);
  const numbers = (name: string) =>
    ({ kind: 'numeric', name, values: Float64Array.from({ length: ROWS }, random) }) as const;
  const table = { rows: ROWS, columns: [numbers('a'), numbers('b'), numbers('y')] };
  const rows = Int32Array.from({ length: ROWS }, (_, row) => row);
  const schema = learnSchema(table, rows, { target: 'y', task: 'regression', ignore: [] });
  return prepareForest(
    table,
    rows,
    schema,
    { kind: 'forest', trees: TREES, maxDepth: 64, minLeaf: 1 },
    1,
  );
}
