import type { TreeChunk } from '../core/models/forest/chunk.ts';
import type { ModelRef } from '../workflows/contract.ts';
import type { Compute } from './compute.ts';
import type { Work } from './create-compute-activities.ts';
import type { TrainInput } from './train.ts';

/**
 * Trains on all compute threads: one prepares the data in shared memory, all of them grow trees, one
 * assembles, scores and stores the model. Which thread grew which trees does not show in the result.
 */
export async function trainOnThreads(
  input: TrainInput,
  compute: Compute,
  { signal, report }: Work,
): Promise<ModelRef> {
  const prepared = await compute.run('prepareTraining', input, { signal });
  if (prepared.kind === 'fitted') {
    report({ done: 0.9, note: 'scoring the challenger' });
    return compute.run('finishTraining', { input, trained: prepared }, { signal });
  }
  const { set, trees, training } = prepared;
  const planned = plannedChunks(trees, compute.threads);
  const isPlanned = ({ firstTree, count }: TreeChunk): boolean =>
    planned.some((chunk) => chunk.first === firstTree && chunk.count === count);
  const chunks = prepared.grown.filter(isPlanned);
  const isGrown = ({ first }: PlannedChunk): boolean =>
    chunks.some(({ firstTree }) => firstTree === first);
  let grown = chunks.reduce((sum, { count }) => sum + count, 0);
  const grow = async ({ first, count }: PlannedChunk): Promise<void> => {
    chunks.push(await compute.run('growTrees', { set, training, first, count }, { signal }));
    grown += count;
    report({ done: (0.9 * grown) / trees, note: `${grown} of ${trees} trees grown` });
  };
  await Promise.all(planned.filter((chunk) => !isGrown(chunk)).map(grow));
  report({ done: 0.9, note: 'scoring the challenger' });
  return compute.run(
    'finishTraining',
    { input, trained: { kind: 'forest', set, chunks } },
    { signal },
  );
}

interface PlannedChunk {
  readonly first: number;
  readonly count: number;
}

/**
 * Chunks are small enough that other pipelines' tasks get a thread in between, and that progress shows;
 * and there is at least one for each thread.
 */
const TREES_PER_CHUNK = 10;

function plannedChunks(trees: number, threads: number): readonly PlannedChunk[] {
  const size = Math.max(1, Math.min(TREES_PER_CHUNK, Math.ceil(trees / threads)));
  const starts = [];
  for (let first = 0; first < trees; first += size) {
    starts.push({ first, count: Math.min(size, trees - first) });
  }
  return starts;
}
