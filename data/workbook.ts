import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import type { CellObject, WorkSheet } from '@e965/xlsx';
import { InvalidDatasetError } from './invalid-dataset.ts';
import { requireSize } from './read-limits.ts';
import type { ReadLimits } from './read-limits.ts';
import { requireBoundedZip } from './zip-size.ts';

/** A workbook is parsed in memory, at several times its unpacked size. */
export const MAX_WORKBOOK_BYTES = 256 * 2 ** 20;

/**
 * Writes the first sheet of an Excel workbook (xlsx or xls) as comma-separated text, which is then read like any
 * other: the first row with a value is the header, rows without any are left out, dates are ISO 8601 in UTC,
 * formulas are their last results, and errors such as #DIV/0! are empty.
 * @throws InvalidDatasetError if it is not a workbook, has no data, or is too large when unpacked
 */
export async function workbookToCsv(file: string, to: string, limits: ReadLimits): Promise<void> {
  const bytes = await readFile(file);
  const sheet = await firstSheet(bytes, Math.min(MAX_WORKBOOK_BYTES, limits.maxBytes));
  const rows = cellsOf(sheet);
  const used = rows.filter((row) => row.some((cell) => textOf(cell) !== ''));
  const width = used.reduce((most, row) => Math.max(most, row.length), 0);
  if (width === 0) {
    throw new InvalidDatasetError(
      'the first sheet is empty; expected a header row and rows of data',
    );
  }
  requireSize({ rows: used.length - 1, columns: width }, limits);
  const out = createWriteStream(to, { flags: 'wx' });
  for (const row of used) {
    const fields = Array.from({ length: width }, (_, j) => csvField(textOf(row[j])));
    if (!out.write(`${fields.join(',')}\n`)) await once(out, 'drain');
  }
  out.end();
  await finished(out);
}

type Cell = CellObject | undefined;

async function firstSheet(bytes: Buffer, maxBytes: number): Promise<WorkSheet> {
  const isZip = bytes.subarray(0, 2).toString('latin1') === 'PK';
  const isCompoundFile = bytes.subarray(0, 4).equals(Buffer.from([0xd0, 0xcf, 0x11, 0xe0]));
  // The library would take anything else for a text, a web page or another format of its own.
  if (!isZip && !isCompoundFile) {
    throw new InvalidDatasetError('the file is not an Excel workbook; expected xlsx or xls');
  }
  if (isZip) requireBoundedZip(bytes, maxBytes);
  // A megabyte of code, which threads that never meet a workbook need not load.
  const { read } = await import('@e965/xlsx');
  try {
    const options = {
      dense: true,
      cellDates: true,
      UTC: true,
      cellFormula: false,
      cellHTML: false,
      cellText: false,
      sheets: 0,
    };
    const workbook = read(bytes, options);
    const sheet = workbook.Sheets[workbook.SheetNames[0] ?? ''];
    if (sheet !== undefined) return sheet;
  } catch (error) {
    throw new InvalidDatasetError(
      `the workbook is damaged or protected (${error instanceof Error ? error.message : String(error)}); expected a complete one without a password`,
      { cause: error },
    );
  }
  throw new InvalidDatasetError('the workbook has no sheet; expected the data in the first one');
}

/** Only the rows that have cells: a sheet may claim to have a million. */
function cellsOf(sheet: WorkSheet): readonly (readonly Cell[])[] {
  const rows: readonly (readonly Cell[] | undefined)[] = sheet['!data'] ?? [];
  return rows.flatMap((row) => (row === undefined ? [] : [row]));
}

function textOf(cell: Cell): string {
  if (cell === undefined || cell.v === undefined || cell.t === 'e' || cell.t === 'z') return '';
  return cell.v instanceof Date ? cell.v.toISOString() : String(cell.v);
}

function csvField(text: string): string {
  return /[",\n\r]/.test(text)
    ? `"${text.replaceAll('"', '""').replaceAll(/\r\n?/g, '\n')}"`
    : text;
}
