import type { PipelineConfig } from '../pipelines/schema.ts';
import { digestOf } from './digest.ts';

/**
 * Where a file's data are in the store. The same bytes read in another way, or through other hooks, are
 * another dataset.
 */
export function datasetUri(config: PipelineConfig, sha256: string): string {
  const reading = [config.files.format, config.files.csv, config.hooks?.sha256 ?? null];
  return `datasets/${sha256}.${digestOf(reading)}.parquet`;
}
