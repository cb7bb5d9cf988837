import type { ComputeActivities, Damage } from '../../workflows/contract.ts';
import type { ComputeProcesses } from '../compute-processes.ts';
import { beside } from '../damage.ts';
import type { Work } from '../work.ts';
import type { Examination } from './examine.ts';

/** Reading the data of a smaller dataset twice takes longer than what two processes save. */
const LARGE_VALUES = 200_000;

/** Detects drift and scores the champion, at the same time in two processes if the dataset is large. */
export async function examineInProcesses(
  input: Parameters<ComputeActivities['examine']>[0],
  processes: ComputeProcesses,
  { signal }: Work,
): Promise<Examination> {
  const { config, dataset, champion, previous, sequence } = input;
  const options = { signal, near: dataset.sha256 };
  if (dataset.rows * dataset.columns < LARGE_VALUES) {
    return processes.run('examine', input, options);
  }
  const detected = processes.run('detectDrift', { ...input, reference: champion }, options);
  if (!dataset.labelled) {
    const estimating = processes.run('estimatePerformance', { config, dataset, champion }, options);
    const [{ damage: ofDrift, ...drift }, { damage: ofEstimate, ...estimated }] = await Promise.all(
      [detected, estimating],
    );
    const found = { drift, evaluation: null, estimated };
    return beside(found, both(ofDrift, ofEstimate));
  }
  const position = sequence === undefined ? {} : { sequence };
  const [{ damage: ofDrift, ...drift }, { damage: ofChampion, ...evaluation }] = await Promise.all([
    detected,
    processes.run(
      'evaluateChampion',
      { config, dataset, champion, previous, ...position },
      options,
    ),
  ]);
  return beside({ drift, evaluation }, both(ofDrift, ofChampion));
}

function both(...told: readonly Damage['damage'][]): readonly string[] {
  return [...new Set(told.flatMap((each) => each ?? []))];
}
