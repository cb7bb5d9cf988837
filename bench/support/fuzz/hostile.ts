import { gzipSync } from 'node:zlib';
import type { Random } from '../../../core/random.ts';
import { crc32Of, storedZip } from '../../../data/zip-entries.ts';
import { below } from './mutate.ts';
import type { SeedFile } from './seeds.ts';

type Maker = (random: Random) => { readonly name: string; readonly text: string | Buffer };

/** Files that are made to harm, each kind in many sizes. */
const MAKERS: readonly Maker[] = [
  (random) => {
    const depth = size(300_000, random);
    const [open, close] = random() < 0.5 ? ['[', ']'] : ['{"a":', '}'];
    const inner = random() < 0.5 ? `1${close.repeat(depth)}` : '';
    return { name: 'deep.json', text: `[{"a":1},{"a":${open.repeat(depth)}${inner}` };
  },
  (random) => {
    const lines = '{"a":1}\n'.repeat(size(20_000, random));
    return { name: 'deep.jsonl', text: `${lines}${'['.repeat(size(500_000, random))}` };
  },
  (random) => {
    const keys = Array.from({ length: size(3000, random) }, (_, j) => `"k${j}":${j}`);
    return { name: 'keys.jsonl', text: `{${keys.join(',')}}\n`.repeat(1 + below(3, random)) };
  },
  (random) => {
    const rows = Array.from(
      { length: size(100, random) },
      (_, i) => `{"a${i}":1,"b${i}":"x","c${i}":null}`,
    );
    return { name: 'growing.jsonl', text: rows.join('\n') };
  },
  (random) => {
    const columns = size(random() < 0.1 ? 12_000 : 1500, random);
    const line = (form: (j: number) => string): string =>
      Array.from({ length: columns }, (_, j) => form(j)).join();
    return { name: 'wide.csv', text: `${line((j) => `x${j}`)}\n${line((j) => `t${j % 7}`)}\n` };
  },
  (random) => ({ name: 'cell.csv', text: `a,b\n1,${'x'.repeat(size(5_000_000, random))}\n` }),
  (random) => ({ name: 'quote.csv', text: `a,b\n1,"${'x\n'.repeat(size(2_000_000, random))}` }),
  (random) => ({ name: 'blank.csv', text: '\n'.repeat(size(3_000_000, random)) }),
  (random) => ({ name: 'names.arff', text: `@attribute ${'v'.repeat(size(3_000_000, random))} x` }),
  (random) => {
    const fields = ['y', 'MM', 'dd', 'S'.repeat(size(10_000, random)), 'yyyy', "'", 'q'];
    const form = Array.from({ length: 5 }, () => fields[below(fields.length, random)]).join('-');
    return { name: 'date.arff', text: `@attribute a date "${form}"\n@data\n2020-01-01\n` };
  },
  (random) => ({
    name: 'bomb.csv.gz',
    text: gzipSync(Buffer.alloc(size(30_000_000, random), ['1\n', 'a,', '"'][below(3, random)])),
  }),
  (random) => ({ name: 'cells.xlsx', text: hostileBook(random) }),
  (random) => {
    const footer = Buffer.from(
      Array.from({ length: size(2000, random) }, () => below(256, random)),
    );
    const length = Buffer.alloc(4);
    length.writeUInt32LE(random() < 0.5 ? footer.length : below(2 ** 32, random));
    return { name: 'footer.parquet', text: Buffer.concat([PARQUET, footer, length, PARQUET]) };
  },
];

const PARQUET = Buffer.from('PAR1');

/** A file of one of the kinds that are made to harm. */
export function hostileFile(random: Random): SeedFile {
  const make = MAKERS[below(MAKERS.length, random)];
  if (make === undefined) throw new Error('there are no kinds of hostile files');
  const { name, text } = make(random);
  return { name, content: Buffer.from(text) };
}

/** Small ones are as frequent as large ones. */
function size(most: number, random: Random): number {
  return Math.ceil(most ** random());
}

/** A workbook whose cells lie where none should, and whose texts are endless. */
function hostileBook(random: Random): Buffer {
  const cells = Array.from({ length: size(200, random) }, () => {
    const column = ['A', 'B', 'XFD', 'ZZZ', 'ZZZZZZZ'][below(5, random)] ?? 'A';
    const row = 1 + below([10, 1_048_576, 2 ** 31][below(3, random)] ?? 10, random);
    const type = ['s', 'n', 'str', 'e', 'b', 'd', 'inlineStr'][below(7, random)] ?? 's';
    return `<row r="${row}"><c r="${column}${row}" t="${type}"><v>${below(9, random)}</v></c></row>`;
  });
  const text = 'x'.repeat(size(200_000, random));
  const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
  const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
  const packages = 'http://schemas.openxmlformats.org/package/2006';
  const excel = 'application/vnd.openxmlformats-officedocument.spreadsheetml';
  const parts: Readonly<Record<string, string>> = {
    '[Content_Types].xml': `<Types xmlns="${packages}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="${excel}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="${excel}.worksheet+xml"/><Override PartName="/xl/sharedStrings.xml" ContentType="${excel}.sharedStrings+xml"/></Types>`,
    '_rels/.rels': `<Relationships xmlns="${packages}/relationships"><Relationship Id="r1" Type="${office}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    'xl/workbook.xml': `<workbook xmlns="${main}" xmlns:r="${office}"><sheets><sheet name="s" sheetId="1" r:id="r1"/></sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `<Relationships xmlns="${packages}/relationships"><Relationship Id="r1" Type="${office}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="${office}/sharedStrings" Target="sharedStrings.xml"/></Relationships>`,
    'xl/sharedStrings.xml': `<sst xmlns="${main}">${`<si><t>${text}</t></si>`.repeat(9)}</sst>`,
    'xl/worksheets/sheet1.xml': `<worksheet xmlns="${main}"><dimension ref="A1:XFD1048576"/><sheetData>${cells.join('')}</sheetData></worksheet>`,
  };
  return storedZip(
    Object.entries(parts).map(([name, part]) => {
      const packed = Buffer.from(part);
      return { name, packed, crc32: crc32Of(packed) };
    }),
  );
}
