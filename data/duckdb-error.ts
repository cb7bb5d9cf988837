import { InvalidDatasetError, shown } from './invalid-dataset.ts';

/** How a message of DuckDB's begins: the kind of the error. */
const KIND = /^([A-Z][A-Za-z_]+(?: [A-Za-z]+)*) Error: /;

/** What the operating system says where the disk, and not the file, is to blame. */
const DISK =
  /No space left on device|Disk quota exceeded|Input\/output error|Too many open files|Read-only file system|Stale file handle|Permission denied|No such file or directory|Cannot allocate memory|Transport endpoint|Structure needs cleaning/i;

/**
 * An error that was met while a dataset file was read, as what it says: whatever DuckDB says of the file's content or of
 * the memory that it takes is an InvalidDatasetError. All else stays what it is: faults of the disk, a disk too
 * small to spill to, an interruption, a database that broke before.
 */
export function asInvalidDataset(error: unknown): unknown {
  if (!isOfFile(error)) return error;
  const isMemory = error.message.startsWith('Out of Memory Error');
  const what = isMemory
    ? 'reading the file takes more memory than one file may have; leave out columns that are not needed, or split it into smaller files'
    : `the file cannot be read (${reasonOf(error)}); expected a complete, well-formed file`;
  return new InvalidDatasetError(what, { cause: error });
}

/** Whether DuckDB says that the file is to blame, and not the machine. */
export function isOfFile(error: unknown): error is Error {
  if (!(error instanceof Error) || error instanceof InvalidDatasetError) return false;
  const kind = KIND.exec(error.message)?.[1]?.toLowerCase();
  switch (kind) {
    case undefined:
    case 'interrupt':
    case 'fatal':
    case 'permission':
      return false;
    case 'io':
      return !DISK.test(error.message);
    case 'out of memory':
      return !/max_temp_directory_size/.test(error.message) && !DISK.test(error.message);
    default:
      return true;
  }
}

/** What DuckDB says in its first sentence, without the paths, values and queries that it quotes. */
export function reasonOf({ message }: Error): string {
  const [first = ''] = message.split('\n', 1);
  const text = first
    .replace(/(:? *(value|byte sequence|original line):? *| at or near )".*$/i, '')
    .replaceAll(/file:? *(["'])[^"']*\1/gi, 'file')
    .replaceAll(/(["'])[^"']*\1/g, '…')
    .replaceAll(/(?:\/[^\s/,;]+){2,}/g, '…')
    .replaceAll(/\s+/g, ' ');
  return shown(text.replace(KIND, '').trim(), MAX_REASON_LENGTH);
}

const MAX_REASON_LENGTH = 200;
