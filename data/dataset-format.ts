import type { PipelineConfig } from '../pipelines/schema.ts';
import { InvalidDatasetError } from './invalid-dataset.ts';

export type DatasetFormat = Exclude<PipelineConfig['files']['format'], 'auto'>;

export interface FileForm {
  readonly format: DatasetFormat;
  readonly compression: 'none' | 'gzip' | 'zstd';
}

const FORMAT_OF_EXTENSION: Readonly<Record<string, DatasetFormat>> = {
  '.csv': 'csv',
  '.tsv': 'tsv',
  '.txt': 'txt',
  '.json': 'json',
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
  '.parquet': 'parquet',
  '.xlsx': 'xlsx',
  '.xls': 'xlsx',
  '.arff': 'arff',
};

const COMPRESSION_OF_EXTENSION: Readonly<Record<string, FileForm['compression']>> = {
  '.gz': 'gzip',
  '.zst': 'zstd',
};

/**
 * How a file is to be read, by its name; upper and lower case are the same.
 * @param configured wins over the extension, except for the `.gz` or `.zst` at the end
 * @throws InvalidDatasetError listing the known extensions if the name has none of them
 */
export function formOf(fileName: string, configured: PipelineConfig['files']['format']): FileForm {
  const lower = fileName.toLowerCase();
  const outer = extensionOf(lower);
  const compression = COMPRESSION_OF_EXTENSION[outer] ?? 'none';
  const inner = extensionOf(compression === 'none' ? lower : lower.slice(0, -outer.length));
  const format = configured === 'auto' ? FORMAT_OF_EXTENSION[inner] : configured;
  if (format === undefined) {
    const known = Object.keys(FORMAT_OF_EXTENSION).join(', ');
    throw new InvalidDatasetError(
      `'${fileName}' has ${inner === '' ? 'no extension' : `the extension '${inner}'`}; expected one of ${known}, text also with .gz or .zst; or set files.format`,
    );
  }
  return { format, compression };
}

function extensionOf(name: string): string {
  return /.(\.[^.]+)$/.exec(name)?.[1] ?? '';
}
