import { ROLLING_FILES, SEASONAL_FILES } from '../../pipelines/detection-fields.ts';
import type { PipelineConfig } from '../../pipelines/schema.ts';
import type { ArtefactRef } from '../../store/artefact-store.ts';
import type { Dataset, ModelRef } from '../../workflows/contract.ts';
import type { Environment } from '../environment.ts';
import { earlierDatasets, earlierThat, type EarlierDataset } from '../datasets/earlier-datasets.ts';

/** What a file is compared with. */
export interface RunReference {
  /** at least one, oldest first */
  readonly datasets: readonly ArtefactRef[];
  /** names of the files, in the same order; null: the data of the champion's training */
  readonly files: readonly string[] | null;
}

export interface RunToCompare {
  readonly config: PipelineConfig;
  readonly dataset: Pick<Dataset, 'sha256'>;
  readonly reference: Pick<ModelRef, 'reference'>;
  /** the run's position in the pipeline's order; without it only the champion's data are known */
  readonly sequence?: number | undefined;
  /** ISO 8601, when the file arrived; without it no season is known */
  readonly arrivedAt?: string | undefined;
}

/**
 * Finds what the pipeline compares its files with. Files that came before the run are looked at, as far as they are in
 * the index; where none of them fits, as for the first file of a season, the data of the champion's training stand in.
 * The same at every attempt: see `earlierDatasets`. The file itself, run again, is never its own reference.
 */
export async function referenceOfRun(
  { config, dataset, reference, sequence, arrivedAt }: RunToCompare,
  environment: Pick<Environment, 'store' | 'told'>,
): Promise<RunReference> {
  const wanted = config.detection.reference;
  const champion = { datasets: [reference.reference], files: null };
  if (wanted === undefined || wanted.kind === 'champion' || sequence === undefined) return champion;
  const isOther = (earlier: EarlierDataset): boolean => earlier.dataset.sha256 !== dataset.sha256;
  if (wanted.kind === 'rolling') {
    // One more, as the file itself may be among them.
    const most = (wanted.files ?? ROLLING_FILES) + 1;
    const earlier = await earlierDatasets(config, sequence, environment, most);
    return chosen(earlier.filter(isOther).slice(0, most - 1), champion);
  }
  const newest = (
    isWanted: (earlier: EarlierDataset) => boolean,
    most: number,
  ): Promise<readonly EarlierDataset[]> =>
    earlierThat((earlier) => isOther(earlier) && isWanted(earlier), config, sequence, environment, {
      most,
    });
  if (wanted.kind === 'file') {
    const isNamed = ({ dataset: { fileName, sha256 } }: EarlierDataset): boolean =>
      fileName === wanted.file || sha256 === wanted.file;
    return chosen(await newest(isNamed, 1), champion);
  }
  if (arrivedAt === undefined) return champion;
  const season = seasonOf(arrivedAt, wanted.period);
  const isAlike = (other: EarlierDataset): boolean =>
    seasonOf(other.arrivedAt, wanted.period) === season;
  return chosen(await newest(isAlike, wanted.files ?? SEASONAL_FILES), champion);
}

function chosen(newestFirst: readonly EarlierDataset[], otherwise: RunReference): RunReference {
  if (newestFirst.length === 0) return otherwise;
  const oldestFirst = newestFirst.toReversed();
  return {
    datasets: oldestFirst.map(({ dataset }) => dataset.ref),
    files: oldestFirst.map(({ dataset }) => dataset.fileName),
  };
}

/** Hour 0 to 23, weekday 0 (Sunday) to 6, or month 0 to 11, in UTC. */
function seasonOf(time: string, period: 'hour' | 'weekday' | 'month'): number {
  const date = new Date(time);
  switch (period) {
    case 'hour':
      return date.getUTCHours();
    case 'weekday':
      return date.getUTCDay();
    case 'month':
      return date.getUTCMonth();
  }
}
