import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, it } from 'node:test';
import fc from 'fast-check';
import { pipelineSchema } from '../pipelines/schema.ts';
import { readDataset } from './read-dataset.ts';

/** A way to write numbers. */
interface Style {
  readonly decimal: '.' | ',';
  readonly group: string;
  readonly minus: 'before' | 'sign' | 'behind' | 'brackets';
  readonly before: string;
  readonly behind: string;
}

const yaml = { name: 'any', files: { folder: 'in' }, target: 'y' };
const { csv } = pipelineSchema.parse(yaml).files;

let folder = '';
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'written-numbers-'));
});
after(() => rm(folder, { recursive: true, force: true }));

/** @param cents a whole number of hundredths */
function written(cents: number, { decimal, group, minus, before, behind }: Style): string {
  const digits = String(Math.abs(cents)).padStart(3, '0');
  const whole = digits.slice(0, -2).replaceAll(/\B(?=(\d{3})+$)/g, group);
  const amount = `${before}${whole}${decimal}${digits.slice(-2)}${behind}`;
  if (cents >= 0) return amount;
  switch (minus) {
    case 'before':
      return `-${amount}`;
    case 'sign':
      return `\u2212${amount}`;
    case 'behind':
      return `${amount}-`;
    case 'brackets':
      return `(${amount})`;
  }
}

const styles: fc.Arbitrary<Style> = fc
  .record({
    decimal: fc.constantFrom('.' as const, ',' as const),
    group: fc.constantFrom('', '.', ',', ' ', '\u00a0', '\u202f', "'", '\u2019'),
    minus: fc.constantFrom(
      ...(['before', 'sign', 'behind', 'brackets'] as const satisfies readonly Style['minus'][]),
    ),
    before: fc.constantFrom('', '€', '$', 'US$', 'CHF ', '£ '),
    behind: fc.constantFrom('', ' €', ' EUR', '\u00a0kr'),
  })
  .filter(
    ({ decimal, group, before, behind }) => group !== decimal && (before === '' || behind === ''),
  );

const dialects = fc.record({
  delimiter: fc.constantFrom(',', ';', '\t', '|'),
  name: fc.constantFrom('t.csv', 't.jsonl'),
  missing: fc.constantFrom('', 'NULL', 'N/A', '-', '#N/A', '\\N', 'None'),
});

const quoted = (text: string): string => `"${text}"`;

it('a table that is written in one form is read equal, whatever the form', async () => {
  const amounts = fc.array(fc.option(fc.integer({ min: -1e11, max: 1e11 })), {
    minLength: 5,
    maxLength: 30,
  });
  await fc.assert(
    fc.asyncProperty(
      styles,
      dialects,
      amounts,
      async (style, { delimiter, name, missing }, cents) => {
        fc.pre(cents.filter((value) => value !== null).length >= 2);
        const texts = cents.map((value) => (value === null ? missing : written(value, style)));
        const content = name.endsWith('.csv')
          ? `k${delimiter}x\n${texts.map((text) => `a${delimiter}${quoted(text)}`).join('\n')}\n`
          : texts.map((text) => JSON.stringify({ k: 'a', x: text })).join('\n');
        const file = path.join(folder, name);
        await writeFile(file, content);
        const { columns } = await readDataset(file, { format: 'auto', csv: { ...csv, delimiter } });
        const [, x] = columns;
        assert.ok(x?.kind === 'numeric', texts.join(' '));
        assert.deepEqual(
          Array.from(x.values, (value) => (Number.isNaN(value) ? null : value)),
          cents.map((value) => (value === null ? null : value / 100)),
          texts.join(' '),
        );
      },
    ),
    { numRuns: 60 },
  );
});

it('codes are read back to the character, in every format', async () => {
  const codes = fc.array(
    fc.oneof(
      fc.stringMatching(/^0[0-9]{1,8}$/),
      fc.stringMatching(/^[1-9][0-9]{16,30}$/),
      fc.stringMatching(/^[1-9][0-9]{0,5}$/),
    ),
    { minLength: 1, maxLength: 20 },
  );
  await fc.assert(
    fc.asyncProperty(codes, fc.constantFrom('t.csv', 't.jsonl'), async (drawn, name) => {
      const texts = ['0012', '9007199254740993', ...drawn];
      const content = name.endsWith('.csv')
        ? `k,x\n${texts.map((text) => `a,${text}`).join('\n')}\n`
        : texts.map((text) => JSON.stringify({ k: 'a', x: text })).join('\n');
      const file = path.join(folder, name);
      await writeFile(file, content);
      const [, x] = (await readDataset(file, { format: 'auto', csv })).columns;
      assert.ok(x?.kind === 'categorical');
      assert.deepEqual(
        Array.from(x.codes, (code) => x.dictionary[code]),
        texts,
      );
    }),
    { numRuns: 40 },
  );
});
