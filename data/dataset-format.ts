import type { PipelineConfig } from '../pipelines/schema.ts';
import { InvalidDatasetError, shown } from './invalid-dataset.ts';

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
  '.arff': 'arff',
};

const COMPRESSION_OF_EXTENSION: Readonly<Record<string, FileForm['compression']>> = {
  '.gz': 'gzip',
  '.zst': 'zstd',
};

/** Its format has no reader that bounds what a file can make it do. */
const OLDER_WORKBOOK = '.xls';

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
    if (inner === OLDER_WORKBOOK) {
      throw new InvalidDatasetError(
        `'${shown(fileName)}' is an older workbook (.xls), which is not read; save it as an Excel workbook (.xlsx)`,
      );
    }
    const known = Object.keys(FORMAT_OF_EXTENSION).join(', ');
    throw new InvalidDatasetError(
      `'${shown(fileName)}' has ${inner === '' ? 'no extension' : `the extension '${shown(inner)}'`}; expected one of ${known}, text also with .gz or .zst; or set files.format`,
    );
  }
  return { format, compression };
}

function extensionOf(name: string): string {
  return /.(\.[^.]+)$/.exec(name)?.[1] ?? '';
}
