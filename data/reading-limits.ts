import type { TaskLimits } from '../processes/messages.ts';
import type { ProcessEnd } from '../processes/process-ended.ts';

/** For what reading takes whatever the file holds: the program, DuckDB, and what earlier reads left at hand. */
const BASE_MEMORY_MB = 896;

/** The bytes of memory for a byte of the file: DuckDB's columns, the table's, and those of the parquet file. */
const MEMORY_PER_BYTE = 6;

/** What a packed file may grow by. One that grows more is read up to the highest limit. */
const PACKED_RATIO = 20;

const BASE_CPU_SECONDS = 45;

/** A slow machine reads more than this in a second of processor time. */
const BYTES_PER_CPU_SECOND = 250_000;

/**
 * What reading a dataset file may take before its process is ended. Small files get little, so that a small file that was
 * made to cost much ends early.
 * @param file its name, whose extension tells whether it is packed, and its bytes
 * @param mostMemoryMb the limit however large the file is
 */
export function readingLimits(
  file: { readonly name: string; readonly bytes: number },
  mostMemoryMb: number,
): TaskLimits {
  const isPacked = /\.(gz|zst|zstd|parquet|xlsx)$/i.test(file.name);
  const bytes = file.bytes * (isPacked ? PACKED_RATIO : 1);
  const memoryMb = BASE_MEMORY_MB + Math.ceil((bytes * MEMORY_PER_BYTE) / 2 ** 20);
  return {
    memoryMb: Math.min(mostMemoryMb, memoryMb),
    cpuSeconds: BASE_CPU_SECONDS + Math.ceil(bytes / BYTES_PER_CPU_SECOND),
  };
}

/** What a file did to the process that read it, and what would help. */
export function readingEnded(end: ProcessEnd): string {
  switch (end.kind) {
    case 'memory':
      return `reading the file took more than ${end.limitMb} MB of memory, the most that a file of its size may take, and was ended. A small file that takes so much is damaged or made to cost much: look where it comes from. If it is sound, leave out columns that are not needed, or save it as parquet or csv; CALMOPS_READ_MEMORY raises the limit of large files`;
    case 'cpu':
      return `reading the file took more than ${end.limitSeconds} s of processor time, the most that a file of its size may take, and was ended; the file is damaged, or made to cost much`;
    case 'crash':
      return `the file ends the reader: its process crashed (${end.how}); the file is damaged, or made to do so. Write it again from its source`;
    case 'killed':
      return `the process that read the file was ended from outside (${end.signal})`;
  }
}
