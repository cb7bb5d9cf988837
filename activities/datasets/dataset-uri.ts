import type { PipelineConfig } from '../../pipelines/schema.ts';
import type { ArtefactRef } from '../../store/artefact-store.ts';
import { digestOf } from '../digest.ts';

/** Where labels are that have no file yet: as they were read, by themselves. */
export const labelsUri = (config: PipelineConfig, sha256: string): string =>
  datasetUri(config, sha256).replace(/\.parquet$/, '.labels.parquet');

/**
 * Where a file's data are in the store. The same bytes read in another way, or through other hooks, are
 * another dataset, and so are the same labels joined to another file or by another key.
 * @param labelled the data that the file has the labels of; absent: it is a file of its own
 */
export function datasetUri(
  config: PipelineConfig,
  sha256: string,
  labelled?: Pick<ArtefactRef, 'sha256'>,
): string {
  const reading = digestOf([config.files.format, config.files.csv, config.hooks?.sha256 ?? null]);
  const joined = (ref: Pick<ArtefactRef, 'sha256'>): string =>
    digestOf([ref.sha256, config.labels?.key ?? null, config.target]);
  return `datasets/${sha256}.${reading}${labelled === undefined ? '' : `.${joined(labelled)}`}.parquet`;
}
