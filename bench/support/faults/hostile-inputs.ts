import { open, truncate, writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { bookOf, rowsOf } from './hostile-book.ts';
import { hostileParquet } from './hostile-parquet.ts';

/** A file that is made to harm whoever reads it. */
export interface HostileInput {
  readonly name: string;
  /** what it does, as the end of “a file …” */
  readonly what: string;
  readonly make: (place: string) => Promise<void>;
}

const MIB = 2 ** 20;

const input = (name: string, what: string, content: () => string | Uint8Array): HostileInput => ({
  name,
  what,
  make: (place) => writeFile(place, content()),
});

/** Many times the same text, written in pieces. */
const repeated = (
  name: string,
  what: string,
  { head, body, times }: { readonly head: string; readonly body: string; readonly times: number },
): HostileInput => ({
  name,
  what,
  make: async (place) => {
    const piece = Buffer.from(body.repeat(Math.max(1, Math.floor(MIB / body.length))));
    const handle = await open(place, 'wx');
    try {
      await handle.write(head);
      for (let left = times * body.length; left > 0; left -= piece.length) {
        await handle.write(piece, 0, Math.min(left, piece.length));
      }
    } finally {
      await handle.close();
    }
  },
});

const sparse = (name: string, what: string, bytes: number): HostileInput => ({
  name,
  what,
  make: async (place) => {
    await writeFile(place, '');
    await truncate(place, bytes);
  },
});

const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';

/** A megabyte of zeros, packed twice. */
const zeros = (): Buffer => gzipSync(Buffer.alloc(64 * MIB));

/** A zstd frame whose blocks of 4 bytes stand for 128 KiB each. */
function zstdFrame(blocks: number, window = 0x58): Buffer {
  const size = 128 * 1024;
  const block = (isLast: boolean): number[] => {
    const head = (size << 3) | (1 << 1) | (isLast ? 1 : 0);
    return [head & 0xff, (head >> 8) & 0xff, (head >> 16) & 0xff, 0x31];
  };
  const body = Buffer.concat([
    ...Array.from({ length: blocks - 1 }, () => Buffer.from(block(false))),
    Buffer.from(block(true)),
  ]);
  return Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, window]), body]);
}

const skippable = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4]);

const DELIMITED: readonly HostileInput[] = [
  repeated('one-line.csv', 'of one line of 300 MB', { head: 'a,b\n1,', body: 'x', times: 300e6 }),
  repeated('one-header.csv', 'whose header has 300 MB', { head: '', body: 'column,', times: 43e6 }),
  repeated('open-quote.csv', 'with a quote that is never closed', {
    ...{ head: 'a,b\n1,"', body: 'text, text\n', times: 9e6 },
  }),
  repeated('quotes.csv', 'of quotes alone', { head: 'a\n', body: '"', times: 20e6 }),
  repeated('rows.csv', 'of 51 million rows', { head: 'a\n', body: '1\n', times: 51e6 }),
  repeated('blank-rows.csv', 'of 60 million blank lines after its header', {
    ...{ head: 'a,b\n', body: '\n', times: 60e6 },
  }),
  repeated('commas.csv', 'of 10,000 empty columns by 20,000 rows', {
    head: `${Array.from({ length: 10_000 }, (_, j) => `c${j}`).join()}\n`,
    body: `${','.repeat(9_999)}\n`,
    times: 20_000,
  }),
  repeated('returns.csv', 'whose lines end with a lone carriage return', {
    ...{ head: 'a,b\r', body: '1,2\r', times: 2e6 },
  }),
  repeated('nul.csv', 'of NUL bytes', { head: 'a,b\n', body: '\0', times: 5e6 }),
  input(
    'digits.csv',
    'with a number of a million digits',
    () => `a,b\n1,${'9'.repeat(1e6)}\n2,3\n`,
  ),
  input('exponents.csv', 'with numbers beyond every range', () => {
    const odd = ['1e999999999', '-1e999999999', '1e-999999999', '0x7fffffffffffffff', '1'];
    return `a\n${odd.join('\n')}\n`;
  }),
  input('utf8.csv', 'that is not UTF-8', () =>
    Buffer.concat([
      Buffer.from('a,b\n1,'),
      Buffer.from('c3edc3a080fffe', 'hex'),
      Buffer.from('\n'),
    ]),
  ),
  sparse('hole.csv', 'of 3 GiB that nobody wrote', 3 * 2 ** 30),
  sparse('hole.json', 'of 3 GiB that nobody wrote', 3 * 2 ** 30),
  sparse('hole.parquet', 'of 3 GiB that nobody wrote', 3 * 2 ** 30),
];

const PACKED: readonly HostileInput[] = [
  input('twice.csv.gz', 'of zeros, packed twice', () => gzipSync(zeros())),
  input('zeros.csv.gz', 'that unpacks to 6 GiB', () =>
    Buffer.concat(Array.from({ length: 96 }, zerosOnce())),
  ),
  input('ones.csv.gz', 'that unpacks to 5 GiB of rows', () => {
    const member = gzipSync(Buffer.alloc(64 * MIB, '1\n'));
    return Buffer.concat([gzipSync('a\n'), ...Array.from({ length: 80 }, () => member)]);
  }),
  input('extra.csv.gz', 'whose extra field is longer than the file', () =>
    Buffer.from('1f8b0804000000000003ffff', 'hex'),
  ),
  input('window.csv.zst', 'that asks for a window of 3.75 TiB', () => zstdFrame(1, 0xff)),
  input('later-window.csv.zst', 'whose second frame asks for a window of 1.9 GiB', () =>
    Buffer.concat([zstdFrame(1), zstdFrame(40, 0xa7)]),
  ),
  input('skipped-window.csv.zst', 'whose window is behind a part to be skipped', () =>
    Buffer.concat([skippable, zstdFrame(40, 0xa7)]),
  ),
  input('bomb.csv.zst', 'of 200 kB that unpacks to 6 GiB', () => zstdFrame(50_000)),
];

function zerosOnce(): () => Buffer {
  const member = zeros();
  return () => member;
}

const BOOKS: readonly HostileInput[] = [
  input('strings.xlsx', 'whose cells all name one text of 1 MB', () =>
    bookOf({
      sharedStrings: `<sst xmlns="${MAIN}"><si><t>a</t></si><si><t>${'x'.repeat(MIB)}</t></si></sst>`,
      data: Array.from(
        { length: 20_000 },
        (_, i) => `<row r="${i + 1}"><c r="A${i + 1}" t="s"><v>${i === 0 ? 0 : 1}</v></c></row>`,
      ).join(''),
    }),
  ),
  input('entities.xlsx', 'whose entities expand to gigabytes', () => {
    const entities = Array.from({ length: 12 }, (_, i) =>
      i === 0 ? '<!ENTITY e0 "lol">' : `<!ENTITY e${i} "${`&e${i - 1};`.repeat(10)}">`,
    );
    return bookOf({
      sharedStrings: `<?xml version="1.0"?><!DOCTYPE sst [${entities.join('')}]><sst xmlns="${MAIN}"><si><t>&e11;</t></si></sst>`,
      data: '<row r="1"><c r="A1" t="s"><v>0</v></c></row><row r="2"><c r="A2"><v>1</v></c></row>',
    });
  }),
  input('external.xlsx', 'with an external entity, drawings and links to elsewhere', () =>
    bookOf({
      sharedStrings: `<?xml version="1.0"?><!DOCTYPE sst [<!ENTITY x SYSTEM "file:///etc/passwd">]><sst xmlns="${MAIN}"><si><t>&x;</t></si></sst>`,
      data: '<row r="1"><c r="A1" t="s"><v>0</v></c></row><row r="2"><c r="A2"><f>[1]s!A1</f><v>1</v></c></row>',
      afterSheets: '<externalReferences><externalReference r:id="r9"/></externalReferences>',
      afterData: '<drawing r:id="r1"/><hyperlinks><hyperlink ref="A1" r:id="r2"/></hyperlinks>',
      others: {
        'xl/worksheets/_rels/sheet1.xml.rels':
          '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="d" Target="../../../../../etc/passwd"/><Relationship Id="r2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink" Target="http://127.0.0.1:1/" TargetMode="External"/></Relationships>',
        'xl/externalLinks/externalLink1.xml': `<externalLink xmlns="${MAIN}"/>`,
      },
    }),
  ),
  input('merged.xlsx', 'of a million merged cells', () =>
    bookOf({
      data: rowsOf(['a', '1', '2']),
      afterData: `<mergeCells>${Array.from({ length: 1e6 }, (_, i) => `<mergeCell ref="A${i + 1}:C${i + 1}"/>`).join('')}</mergeCells>`,
    }),
  ),
  input('merge-all.xlsx', 'of which all cells of the sheet are merged', () =>
    bookOf({
      data: rowsOf(['a', '1', '2']),
      afterData: '<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>',
    }),
  ),
  input('deep.xlsx', 'of XML a million elements deep', () =>
    bookOf({ data: '<x>'.repeat(1e6) + '</x>'.repeat(1e6) }),
  ),
  input('open-tags.xlsx', 'of a million elements that are not closed', () =>
    bookOf({ data: '<row><c><v>'.repeat(1e6) }),
  ),
  input('names.xlsx', 'of a million defined names', () =>
    bookOf({
      afterSheets: `<definedNames>${Array.from({ length: 1e6 }, (_, i) => `<definedName name="n${i}">s!A1</definedName>`).join('')}</definedNames>`,
    }),
  ),
  input('columns.xlsx', 'whose columns are described a million times', () =>
    bookOf({ beforeData: `<cols>${'<col min="1" max="16384" width="9"/>'.repeat(1e6)}</cols>` }),
  ),
  input('links.xlsx', 'with a link for all cells of the sheet', () =>
    bookOf({
      data: rowsOf(['a', '1', '2']),
      afterData: '<hyperlinks><hyperlink ref="A1:XFD1048576" location="x"/></hyperlinks>',
    }),
  ),
  sparse('hole.xlsx', 'of 3 GiB that nobody wrote', 3 * 2 ** 30),
  {
    name: 'long-hole.xlsx',
    what: 'that begins as an archive and has 3 GiB',
    make: async (place) => {
      await writeFile(place, 'PK\u0003\u0004');
      await truncate(place, 3 * 2 ** 30);
    },
  },
];

const RECORDS: readonly HostileInput[] = [
  input(
    'twice.json',
    'of one object with a million equal keys',
    () => `[{${'"a":1,'.repeat(1e6)}"a":2}]`,
  ),
  repeated('twice.jsonl', 'of objects with 200,000 equal keys each', {
    head: '',
    body: `{${'"a":1,'.repeat(200_000)}"a":2}\n`,
    times: 20,
  }),
  input(
    'numbers.json',
    'with numbers that no machine holds',
    () => `[{"a":1e999999999,"b":${'9'.repeat(1e6)}},{"a":-1e999999999,"b":1e-999999999}]`,
  ),
  input('spaces.json', 'of 50 MB of blanks', () => `[${' '.repeat(50e6)}`),
  input('number.json', 'of one number of 50 MB', () => `[{"a":${'1'.repeat(50e6)}`),
  input('commas.json', 'of 20 MB of commas', () => `[${','.repeat(20e6)}`),
  input('utf8.json', 'that is not UTF-8', () =>
    Buffer.concat([Buffer.from('[{"a":"'), Buffer.from('edA080ff', 'hex'), Buffer.from('"}]')]),
  ),
  input('nominal.arff', 'of a million values of one attribute', () => {
    const values = Array.from({ length: 250_000 }, (_, i) => `v${i}`).join();
    return `@relation r\n@attribute a {${values}}\n@attribute b {${values}}\n@attribute c {${values}}\n@data\n${'v1,v2,v3\n'.repeat(1000)}`;
  }),
  input(
    'index.arff',
    'whose sparse row names column 4,000,000,000',
    () => '@relation r\n@attribute a numeric\n@data\n{4000000000 1}\n{0 1, 0 2}\n',
  ),
  input(
    'attributes.arff',
    'of 100,000 attributes',
    () =>
      `@relation r\n${Array.from({ length: 1e5 }, (_, i) => `@attribute a${i} numeric\n`).join('')}@data\n`,
  ),
];

/** Every hostile input, from recipes: nothing of them is stored. */
export const HOSTILE_INPUTS: readonly HostileInput[] = [
  ...DELIMITED,
  ...PACKED,
  ...BOOKS,
  ...RECORDS,
  ...hostileParquet,
];
