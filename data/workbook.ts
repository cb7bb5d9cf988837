import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { CellObject, WorkSheet } from '@e965/xlsx';
import { InvalidDatasetError, shown } from './invalid-dataset.ts';
import { requireSize } from './read-limits.ts';
import type { ReadLimits } from './read-limits.ts';
import { shortLines } from './text-lines.ts';
import { FIRST_INEXACT } from './text-profile.ts';
import { crc32Of, storedZip, unpackedEntry, zipEntries, type ZipEntry } from './zip-entries.ts';

/** A workbook is parsed in memory, at several times its unpacked size. */
export const MAX_WORKBOOK_BYTES = 256 * 2 ** 20;

/**
 * Writes the first sheet of an Excel workbook (xlsx) as comma-separated text, which is then read like any
 * other: the first row with a value is the header, rows without any are left out, dates are ISO 8601 in UTC,
 * formulas are their last results, and errors such as #DIV/0! are empty. The table begins with the first column that
 * has a value.
 * @returns the indices of the columns that have a number for a value
 * @throws InvalidDatasetError if it is not a workbook, has no data, or is too large when unpacked
 */
export async function workbookToCsv(
  file: string,
  to: string,
  limits: ReadLimits,
): Promise<{ readonly numbers: ReadonlySet<number> }> {
  const bytes = await readFile(file);
  const sheet = await firstSheet(bytes, Math.min(MAX_WORKBOOK_BYTES, limits.maxBytes));
  const rows = cellsOf(sheet);
  // A row is looked through up to its last cell, so that the size is asked for first.
  const widest = rows.reduce((most, row) => Math.max(most, row.length), 0);
  requireSize({ rows: rows.length, columns: widest }, limits);
  const used = rows.filter((row) => row.some((cell) => textOf(cell) !== ''));
  const end = used.reduce((most, row) => Math.max(most, row.length), 0);
  const start = used.reduce((least, row) => Math.min(least, firstCellOf(row)), end);
  const width = end - start;
  if (width === 0) {
    throw new InvalidDatasetError(
      'the first sheet is empty; expected a header row and rows of data',
    );
  }
  requireSize({ rows: used.length - 1, columns: width }, limits);
  const table = used.map((row) => row.slice(start));
  requireTexts(table, Math.min(MAX_CELL_BYTES, limits.maxBytes));
  await pipeline(shortLines(csvLines(table, width)), createWriteStream(to, { flags: 'wx' }));
  const numbers = new Set<number>();
  for (const row of table.slice(1)) row.forEach((cell, j) => cell?.t === 'n' && numbers.add(j));
  return { numbers };
}

/** Where the first cell with a text is; the length of the row where there is none. */
function firstCellOf(row: readonly Cell[]): number {
  const found = row.findIndex((cell) => textOf(cell) !== '');
  return found < 0 ? row.length : found;
}

/**
 * The texts of all cells together. Cells may share one long text, so that they come to more than the parts of the workbook
 * hold, and the whole of it has to be written and read.
 */
const MAX_CELL_BYTES = 2 * MAX_WORKBOOK_BYTES;

/** Counts without writing: a text of a megabyte that a million cells share costs nothing to count. */
function requireTexts(rows: readonly (readonly Cell[])[], maxBytes: number): void {
  let left = maxBytes;
  for (const row of rows) {
    for (const cell of row) left -= typeof cell?.v === 'string' ? cell.v.length : 1;
    if (left < 0) {
      throw new InvalidDatasetError(
        `the cells of the workbook hold more than ${maxBytes} bytes, the most that is read; split it into smaller ones`,
      );
    }
  }
}

function* csvLines(rows: readonly (readonly Cell[])[], width: number): Generator<Buffer> {
  for (const row of rows) {
    const fields = Array.from({ length: width }, (_, j) => csvField(textOf(row[j])));
    yield Buffer.from(`${fields.join(',')}\n`);
  }
}

type Cell = CellObject | undefined;

const ZIP_START = Buffer.from('PK');
/** Of older workbooks (.xls), and of workbooks with a password. */
const COMPOUND_FILE_START = Buffer.from([0xd0, 0xcf, 0x11, 0xe0]);

async function firstSheet(bytes: Buffer, maxBytes: number): Promise<WorkSheet> {
  if (bytes.subarray(0, COMPOUND_FILE_START.length).equals(COMPOUND_FILE_START)) {
    throw new InvalidDatasetError(
      'the file is an older workbook (.xls) or one with a password; save it as an Excel workbook (.xlsx) without a password',
    );
  }
  // The library would take anything else for a text, a web page or another format of its own.
  if (!bytes.subarray(0, ZIP_START.length).equals(ZIP_START)) {
    throw new InvalidDatasetError('the file is not an Excel workbook; expected xlsx');
  }
  const parts = partsOf(bytes, maxBytes);
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
    const workbook = read(parts, options);
    const sheet = workbook.Sheets[workbook.SheetNames[0] ?? ''];
    if (sheet !== undefined) return sheet;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new InvalidDatasetError(
      `the workbook is damaged (${shown(why)}); expected a complete one`,
      { cause: error },
    );
  }
  throw new InvalidDatasetError('the workbook has no sheet; expected the data in the first one');
}

/** Parts that tell the library of another format, which it would then read instead. */
const OTHER_FORMAT =
  /^(META-INF\/|mimetype$|objectdata\.xml$|content\.xml$|Index\/|xl\/workbook\.bin$)/i;

/**
 * An archive of the parts of a workbook that hold data: what the library is given is an archive that was written here,
 * of parts that were unpacked and checked here.
 */
function partsOf(bytes: Buffer, maxBytes: number): Buffer {
  const entries = zipEntries(bytes, maxBytes);
  const names = entries.map(({ name }) => name.toLowerCase());
  const isWorkbook =
    names.includes('[content_types].xml') && names.some((name) => /^xl\/.*\.xml$/.test(name));
  const other = names.find((name) => OTHER_FORMAT.test(name));
  if (!isWorkbook || other !== undefined) {
    const found = other === undefined ? 'no parts of one' : `'${shown(other)}' of another format`;
    throw new InvalidDatasetError(
      `the file is an archive, but no Excel workbook: it holds ${found}; save it as an Excel workbook (.xlsx)`,
    );
  }
  const parts = entries.filter(({ name }) => /\.(xml|rels)$/i.test(name));
  return storedZip(
    parts.map(({ name, ...entry }) => {
      const packed = checkedPart({ name, ...entry });
      const isWhole = packed.byteLength === entry.bytes;
      return { name, packed, crc32: isWhole ? entry.crc32 : crc32Of(packed) };
    }),
  );
}

/** A cell in a column of more than three letters, which the library may drop without a word. */
const FAR_COLUMN = /\sr=["']([A-Za-z]{4,})\d/;

function checkedPart(entry: ZipEntry): Buffer {
  const content = unpackedEntry(entry);
  if (/^xl\/workbook[^/]*\.xml$/i.test(entry.name)) return withoutNames(content);
  if (!/^xl\/worksheets\//i.test(entry.name)) return content;
  const text = content.toString('latin1');
  const column = FAR_COLUMN.exec(text)?.[1];
  if (column === undefined) return withoutEnd(content, text);
  throw new InvalidDatasetError(
    `a sheet has a cell in column ${shown(column)}; the last column of a sheet is XFD`,
  );
}

const NAMES = /<(?:[\w.-]+:)?definedNames[\s>]/;
const END_OF_NAMES = /<\/(?:[\w.-]+:)?definedNames\s*>/;

/** A workbook without the names that formulas use, of which the library makes objects, a million if there are. */
function withoutNames(content: Buffer): Buffer {
  const text = content.toString('latin1');
  const from = NAMES.exec(text)?.index;
  if (from === undefined) return content;
  const end = END_OF_NAMES.exec(text.slice(from));
  const to = end === null ? text.length : from + end.index + end[0].length;
  return Buffer.concat([content.subarray(0, from), content.subarray(to)]);
}

const END_OF_DATA = /<\/(?:[\w.-]+:)?sheetData\s*>/;

/**
 * A sheet up to the end of its rows. What follows (links, merged cells, drawings, forms of display) is no data, and the
 * library makes a cell of each one that a link of all cells covers.
 */
function withoutEnd(content: Buffer, text: string): Buffer {
  const end = END_OF_DATA.exec(text);
  return end === null ? content : content.subarray(0, end.index + end[0].length);
}

/** Excel's own. A cell beyond it makes an array as long as its row's number, which takes minutes to pass over. */
const LAST_ROW = 1_048_576;

/** Only the rows that have cells: a sheet may claim to have a million. */
function cellsOf(sheet: WorkSheet): readonly (readonly Cell[])[] {
  const rows: readonly (readonly Cell[] | undefined)[] = sheet['!data'] ?? [];
  if (rows.length > LAST_ROW) {
    throw new InvalidDatasetError(
      `the first sheet has a cell in row ${rows.length}; the last row of a sheet is ${LAST_ROW}`,
    );
  }
  return rows.flatMap((row) => (row === undefined ? [] : [row]));
}

function textOf(cell: Cell): string {
  if (cell === undefined || cell.v === undefined || cell.t === 'e' || cell.t === 'z') return '';
  if (cell.v instanceof Date) return cell.v.toISOString();
  // A cell's number has no more than 15 digits: written with more, they would be taken for those of a code.
  const { v: value } = cell;
  return typeof value === 'number' && Math.abs(value) >= FIRST_INEXACT
    ? value.toExponential()
    : String(value);
}

function csvField(text: string): string {
  return /[",\n\r]/.test(text)
    ? `"${text.replaceAll('"', '""').replaceAll(/\r\n?/g, '\n')}"`
    : text;
}
