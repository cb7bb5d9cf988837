import type { ComputeTasks } from '../../workflows/contract.ts';
import type { Environment } from '../environment.ts';
import { detectDrift } from './detect-drift.ts';
import { estimatePerformance } from './estimate-performance.ts';
import { evaluateChampion } from './evaluate-champion.ts';

type Examine = ComputeTasks['examine'];
export type Examination = Awaited<ReturnType<Examine>>;

/** Detects drift and scores the champion, one after the other. Without labels the score is an estimate. */
export async function examine(
  input: Parameters<Examine>[0],
  environment: Environment,
): Promise<Examination> {
  const { config, dataset, champion, previous, sequence } = input;
  const drift = await detectDrift({ ...input, reference: champion }, environment);
  if (!dataset.labelled) {
    const estimated = await estimatePerformance({ config, dataset, champion }, environment);
    return { drift, evaluation: null, estimated };
  }
  const position = sequence === undefined ? {} : { sequence };
  const evaluation = await evaluateChampion(
    { config, dataset, champion, previous, ...position },
    environment,
  );
  return { drift, evaluation };
}
