import { deflateRawSync } from 'node:zlib';
import { crc32Of, storedZip } from '../../../data/zip-entries.ts';

const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGES = 'http://schemas.openxmlformats.org/package/2006';
const EXCEL = 'application/vnd.openxmlformats-officedocument.spreadsheetml';

/** What the parts of a workbook hold; what is absent is as in a sound workbook of one column `a` and one row. */
export interface BookParts {
  /** before the element of the data in the first sheet, and after it */
  readonly beforeData?: string;
  readonly data?: string;
  readonly afterData?: string;
  /** the whole part */
  readonly sharedStrings?: string;
  /** within the element `workbook`, after the sheets */
  readonly afterSheets?: string;
  /** further parts by name */
  readonly others?: Readonly<Record<string, string>>;
}

/** An Excel workbook of one sheet whose parts are given, in an archive that agrees with itself. */
export function bookOf(parts: BookParts): Buffer {
  const { beforeData = '', afterData = '', afterSheets = '', others = {} } = parts;
  const data = parts.data ?? rowsOf(['a', '1']);
  const strings = parts.sharedStrings ?? `<sst xmlns="${MAIN}"><si><t>a</t></si></sst>`;
  const all: Readonly<Record<string, string>> = {
    '[Content_Types].xml': `<Types xmlns="${PACKAGES}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="${EXCEL}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="${EXCEL}.worksheet+xml"/><Override PartName="/xl/sharedStrings.xml" ContentType="${EXCEL}.sharedStrings+xml"/></Types>`,
    '_rels/.rels': `<Relationships xmlns="${PACKAGES}/relationships"><Relationship Id="r1" Type="${OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    'xl/workbook.xml': `<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}"><sheets><sheet name="s" sheetId="1" r:id="r1"/></sheets>${afterSheets}</workbook>`,
    'xl/_rels/workbook.xml.rels': `<Relationships xmlns="${PACKAGES}/relationships"><Relationship Id="r1" Type="${OFFICE}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="${OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>`,
    'xl/sharedStrings.xml': strings,
    'xl/worksheets/sheet1.xml': `<worksheet xmlns="${MAIN}">${beforeData}<sheetData>${data}</sheetData>${afterData}</worksheet>`,
    ...others,
  };
  return storedZip(
    Object.entries(all).map(([name, text]) => {
      const packed = Buffer.from(text);
      return { name, packed, crc32: crc32Of(packed) };
    }),
  );
}

/** Rows of one cell each. */
export function rowsOf(texts: readonly string[]): string {
  return texts
    .map((text, i) => `<row r="${i + 1}"><c r="A${i + 1}" t="str"><v>${text}</v></c></row>`)
    .join('');
}

/** Where an archive contradicts itself. */
export interface ZipLies {
  /** the count of entries that one of two places states */
  readonly count?: number;
  /** the directory says that the sheet is stored, its own header that it is deflated */
  readonly storedByDirectory?: boolean;
}

const DIRECTORY_ENTRY = Buffer.from([0x50, 0x4b, 0x01, 0x02]);

/** A workbook of many equal rows, deflated, whose archive says two things: what a check and a reader believe differs. */
export function lyingBook(rows: number, lies: ZipLies): Buffer {
  const honest = bookOf({ data: '<row><c t="str"><v>x</v></c></row>'.repeat(rows) });
  const zip = deflatedSheet(honest);
  if (lies.count !== undefined) zip.writeUInt16LE(lies.count, zip.length - 22 + 10);
  if (lies.storedByDirectory === true) {
    const last = zip.lastIndexOf(DIRECTORY_ENTRY);
    zip.writeUInt16LE(0, last + 10);
  }
  return zip;
}

/** The archive with its last part, the sheet, deflated. */
function deflatedSheet(zip: Buffer): Buffer {
  const directory = zip.readUInt32LE(zip.length - 22 + 16);
  const last = zip.lastIndexOf(DIRECTORY_ENTRY);
  const local = zip.readUInt32LE(last + 42);
  const start = local + 30 + zip.readUInt16LE(local + 26);
  const packed = deflateRawSync(zip.subarray(start, directory));
  const head = Buffer.from(zip.subarray(0, start));
  const tail = Buffer.from(zip.subarray(directory));
  head.writeUInt16LE(8, local + 8);
  head.writeUInt32LE(packed.length, local + 18);
  tail.writeUInt16LE(8, last - directory + 10);
  tail.writeUInt32LE(packed.length, last - directory + 20);
  tail.writeUInt32LE(head.length + packed.length, tail.length - 22 + 16);
  return Buffer.concat([head, packed, tail]);
}
