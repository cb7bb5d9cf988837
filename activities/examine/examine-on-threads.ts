import type { ComputeActivities } from '../../workflows/contract.ts';
import type { Compute } from '../compute.ts';
import type { Work } from '../work.ts';

type Examine = ComputeActivities['examine'];

/**
 * Detects drift and scores the champion at the same time, on two compute threads if two are free; without labels the
 * score is an estimate.
 */
export async function examineOnThreads(
  {
    config,
    dataset,
    champion,
    previous,
    falseAlarmRate,
    sequence,
    arrivedAt,
  }: Parameters<Examine>[0],
  compute: Compute,
  { signal }: Work,
): ReturnType<Examine> {
  const position = sequence === undefined ? {} : { sequence };
  const [drift, evaluation, estimated] = await Promise.all([
    compute.run(
      'detectDrift',
      { config, dataset, reference: champion, falseAlarmRate, sequence, arrivedAt },
      { signal },
    ),
    dataset.labelled
      ? compute.run(
          'evaluateChampion',
          { config, dataset, champion, previous, ...position },
          { signal },
        )
      : null,
    dataset.labelled
      ? null
      : compute.run('estimatePerformance', { config, dataset, champion }, { signal }),
  ]);
  return { drift, evaluation, ...(dataset.labelled ? {} : { estimated }) };
}
