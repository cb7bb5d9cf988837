import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { loans } from '../test/support/loans.ts';

const PROGRAM = fileURLToPath(new URL('../scripts/calmops.mjs', import.meta.url));

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

describe('calmops compare', () => {
  let folder: string;
  const at = (name: string): string => path.join(folder, name);
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'calmops-compare-'));
    await writeFile(at('old.csv'), loans('old', 1));
    await writeFile(at('same.csv'), loans('old', 2));
    await writeFile(at('new.csv'), loans('new', 3));
    await writeFile(at('unlabelled.csv'), loans('old', 2, { target: false }));
    await writeFile(at('damaged.csv'), 'income,debt\n1\n');
    await mkdir(at('pipelines/loans'), { recursive: true });
    await writeFile(
      at('pipelines/loans/pipeline.yaml'),
      'name: loans\nfiles: { folder: incoming }\ntarget: defaulted\nignore: [debt]\n',
    );
  });
  after(() => rm(folder, { recursive: true }));

  const compare = (...args: readonly string[]): Promise<Ended> =>
    new Promise((resolve) => {
      const env = {
        ...process.env,
        CALMOPS_HOME: at('home'),
        CALMOPS_LOGS: at('logs'),
        CALMOPS_PIPELINES: at('pipelines'),
      };
      const command = [PROGRAM, 'compare', ...args];
      execFile(process.execPath, command, { env }, (error, stdout, stderr) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
      });
    });

  test('ends with 0 when nothing changed, and says what was compared', async () => {
    const { code, stdout } = await compare(at('old.csv'), at('same.csv'));
    assert.equal(code, 0);
    assert.match(stdout, /^400 rows against 400\. No material change in 4 columns compared\./);
    assert.match(stdout, /at most 2\.5 % are said to have a material one/);
    assert.match(stdout, /^income +no change shown +Kolmogorov–Smirnov +[\d.]+ +Wasserstein ÷ σ/m);
  });

  test('ends with 2 when something changed, names it first, and writes the whole report', async () => {
    const json = at('report.json');
    const { code, stdout } = await compare(at('old.csv'), at('new.csv'), '--json', json);
    assert.equal(code, 2);
    assert.match(stdout, /Material change in 1 of 4 columns compared/);
    assert.match(stdout, /^column .*\ndebt +material change +Kolmogorov–Smirnov +< 0\.001 /m);
    const report = JSON.parse(await readFile(json, 'utf8')) as { readonly material: unknown };
    assert.deepEqual(report.material, ['debt']);
  });

  test('a column that one file lacks is a change', async () => {
    const { code, stdout } = await compare(at('old.csv'), at('unlabelled.csv'));
    assert.equal(code, 2);
    assert.match(stdout, /^defaulted +only in the reference/m);
  });

  test('compares as a pipeline does', async () => {
    const { code, stdout } = await compare(at('old.csv'), at('new.csv'), '--pipeline', 'loans');
    assert.match(stdout, /^debt +set aside: /m);
    // Of the rest no column changed, but what follows from income.
    assert.match(stdout, /No material change in 3 columns compared\. The columns together changed/);
    assert.equal(code, 2);
  });

  test('explains where and since when, if it is asked to', async () => {
    const text = (isLater: boolean): string => {
      const rows = Array.from({ length: 3000 }, (_, i) => {
        const region = ['NY', 'LA', 'SF'][i % 3] ?? '';
        const isWarmer = isLater && region === 'NY' && i >= 1500;
        const temperature = ((i * 7919) % 101) / 10 + (isWarmer ? 8 : 0);
        return `${region},${temperature},${(i * 104_729) % 997}`;
      });
      return `region,temperature,other\n${rows.join('\n')}\n`;
    };
    await writeFile(at('cold.csv'), text(false));
    await writeFile(at('warm.csv'), text(true));
    const json = at('explained.json');
    const { stdout } = await compare(at('cold.csv'), at('warm.csv'), '--explain', '--json', json);
    assert.match(stdout, /^Where and since when:$/m);
    assert.match(stdout, /^The rows with .+ carry it: [\d.]+ % of the second file/m);
    const row = /^temperature is different from row ([\d,]+) on \(p < 0\.001\)\.$/m.exec(
      stdout,
    )?.[1];
    assert.ok(Math.abs(Number(row?.replace(',', '')) - 1500) < 50, `row ${row}`);
    assert.match(stdout, /^temperature and region hang together otherwise than before/m);
    const report = JSON.parse(await readFile(json, 'utf8')) as { readonly explanation?: unknown };
    assert.ok(report.explanation);
    const same = await compare(at('cold.csv'), at('cold.csv'), '--explain');
    assert.doesNotMatch(same.stdout, /Where and since when/);
  });

  test('gives the terminal nothing that it would obey, whatever files and columns are named', async () => {
    const name = at('\u001b]0;title\u0007.csv');
    await writeFile(name, 'a,\u001b[2J\u202eb\n1,2\n3,4\n');
    const read = await compare(at('old.csv'), name);
    assert.match(read.stdout, /^\\u001b\[2J\\u202eb +new/m);
    await writeFile(name, 'a\n1,2\n');
    const refused = await compare(at('old.csv'), name);
    assert.match(refused.stderr, /\\u001b\]0;title\\u0007\.csv: line 2 has 2 fields/);
    for (const obeyed of ['\u001b', '\u0007', '\u202e']) {
      assert.ok(!`${read.stdout}${refused.stderr}`.includes(obeyed));
    }
  });

  test('ends with 1 and says what is wrong', async () => {
    const damaged = await compare(at('old.csv'), at('damaged.csv'));
    assert.equal(damaged.code, 1);
    assert.match(damaged.stderr, /damaged\.csv: line 2 has 1 fields, the header has 2/);
    const absent = await compare(at('old.csv'), at('none.csv'));
    assert.equal(absent.code, 1);
    assert.match(absent.stderr, /none\.csv: the file is gone/);
    const unknown = await compare(at('old.csv'), at('new.csv'), '--pipeline', 'houses');
    assert.equal(unknown.code, 1);
    assert.match(unknown.stderr, /No pipeline 'houses'/);
    const one = await compare(at('old.csv'));
    assert.equal(one.code, 1);
    assert.match(one.stderr, /^Expected two files, found 1\.\n\nUsage/);
  });
});
