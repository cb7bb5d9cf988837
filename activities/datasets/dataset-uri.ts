import type { PipelineConfig } from '../../pipelines/schema.ts';
import type { ArtefactRef } from '../../store/artefact-store.ts';
import { digestOf } from '../digest.ts';

/** Where labels are that have no file yet: as they were read, by themselves. */
export const labelsUri = (config: PipelineConfig, sha256: string): string =>
  datasetUri(config, sha256).replace(/\.parquet$/, '.labels.parquet');

/** Raised where the same file becomes another table: what was read by other rules is read again. */
const READING_RULES = 2;

/** What stood for a missing value, where nothing was configured, by the rules before. */
const FIRST_MISSING = ['', 'NA', 'NaN', 'null', '?'];

/** Where a file's data are that were read before there were rules by number. */
export function firstDatasetUri(config: PipelineConfig, sha256: string): string {
  const { format, csv } = config.files;
  const { delimiter, quote, encoding, missing = FIRST_MISSING } = csv;
  const form = { ...(delimiter === undefined ? {} : { delimiter }), quote, encoding, missing };
  const reading = digestOf([format, form, config.hooks?.sha256 ?? null]);
  return `datasets/${sha256}.${reading}.parquet`;
}

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
  const { format, csv } = config.files;
  const key = config.labels?.key ?? null;
  const ofColumns = [config.columns ?? null, key];
  const reading = digestOf([READING_RULES, format, csv, ofColumns, config.hooks?.sha256 ?? null]);
  const joined = (ref: Pick<ArtefactRef, 'sha256'>): string =>
    digestOf([ref.sha256, config.labels?.key ?? null, config.target]);
  return `datasets/${sha256}.${reading}${labelled === undefined ? '' : `.${joined(labelled)}`}.parquet`;
}
