import { InfrastructureError, infrastructureFault } from '../core/infrastructure-error.ts';
import { InvalidDatasetError, shown } from './invalid-dataset.ts';

/** How a message of DuckDB's begins: the kind of the error. */
const KIND = /^([A-Z][A-Za-z_]+(?: [A-Za-z]+)*) Error: /;

/** What DuckDB says where the machine, and not the file, is to blame, and the code that it does not hand over. */
const MACHINE: readonly (readonly [RegExp, string])[] = [
  [/No space left on device|failed to offload data block|max_temp_directory_size/i, 'ENOSPC'],
  [/Input\/output error|Structure needs cleaning/i, 'EIO'],
  [/Too many open files/i, 'EMFILE'],
  [/Disk quota exceeded/i, 'EDQUOT'],
  [/Read-only file system/i, 'EROFS'],
  [/Stale file handle/i, 'ESTALE'],
  [/Permission denied/i, 'EACCES'],
  [/Cannot allocate memory/i, 'ENOMEM'],
  [/Transport endpoint/i, 'ENOTCONN'],
  [/No such file or directory|Failed to create directory/i, 'ENOENT'],
];

/**
 * An error that was met while a dataset file was read, as what it says: whatever DuckDB says of the file's content or of
 * the memory that it takes is an InvalidDatasetError; what it says of the disk is an InfrastructureError, without the paths
 * of working files. All else stays what it is: an interruption, a database that broke before.
 */
export function asInvalidDataset(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const fault = machineFault(error.message);
  if (fault !== null) {
    const what = `${WORKING_FILES}: ${fault}`;
    return new InfrastructureError(what, { cause: error });
  }
  if (!isOfFile(error)) return error;
  const isMemory = error.message.startsWith('Out of Memory Error');
  const what = isMemory
    ? 'reading the file takes more memory than one file may have; leave out columns that are not needed, or split it into smaller files'
    : `the file cannot be read (${reasonOf(error)}); expected a complete, well-formed file`;
  return new InvalidDatasetError(what, { cause: error });
}

/** What was tried where the folder of working files fails. */
const WORKING_FILES =
  'the file cannot be read with working files in the temporary folder of the worker (below CALMOPS_HOME)';

/**
 * What is wrong with the machine and what mends it, by what DuckDB says; null if its message says something else.
 * The words are looked for only in the kinds of error that quote no values of a file.
 */
export function machineFault(message: string): string | null {
  const kind = KIND.exec(message)?.[1]?.toLowerCase();
  if (kind !== 'io' && kind !== 'out of memory') return null;
  const code = MACHINE.find(([words]) => words.test(message))?.[1];
  return (code === undefined ? undefined : infrastructureFault(code)) ?? null;
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
    default:
      return machineFault(error.message) === null;
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
