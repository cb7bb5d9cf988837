import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { keptIn } from './inbox.ts';
import { loadPipeline, loadPipelines, type LoadedPipeline } from './load-pipeline.ts';
import { formatProblems } from './problem.ts';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'calmops-pipelines-'));
});

afterEach(async () => {
  await rm(root, { recursive: true });
});

const MINIMAL = 'files: { folder: incoming }\ntarget: price\n';

async function write(name: string, content: string | Uint8Array): Promise<string> {
  const file = join(root, name);
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(file, content);
  return file;
}

async function loadYaml(yaml: string | Uint8Array): Promise<LoadedPipeline> {
  await write('sales/pipeline.yaml', yaml);
  return loadPipeline(join(root, 'sales'));
}

async function problemsOf(yaml: string | Uint8Array): Promise<string> {
  const loaded = await loadYaml(yaml);
  assert.equal(loaded.kind, 'invalid');
  assert.equal(loaded.name, 'sales');
  return formatProblems(loaded.problems).replaceAll(join(root, 'sales/'), '');
}

describe('a pipeline.yaml that is right', () => {
  it('has every default filled in, and the name of its folder', async () => {
    const loaded = await loadYaml(MINIMAL);
    assert.equal(loaded.kind, 'valid');
    assert.equal(loaded.config.name, 'sales');
    assert.equal(loaded.hooks, null);
    assert.equal(loaded.config.hooks, null);
    assert.deepEqual(loaded.config.estimator, {
      kind: 'forest',
      trees: 100,
      maxDepth: 64,
      minLeaf: 1,
    });
    assert.equal(loaded.config.retrain.mode, 'full');
    assert.equal(loaded.config.detection.falseAlarmRate, 0.05);
  });

  it('may name its retrain mode by the number that CalmOps used', async () => {
    const numbered = [
      'full',
      'incremental',
      'window',
      'stacking-refit',
      'stacking',
      'replay',
      'recalibration',
    ];
    for (const [number, mode] of numbered.entries()) {
      const loaded = await loadYaml(
        `${MINIMAL}retrain: { mode: ${number}, fallback: ${number === 0 ? 2 : 0} }\n`,
      );
      assert.equal(loaded.kind, 'valid');
      assert.equal(loaded.config.retrain.mode, mode);
    }
  });

  it('has another hash when it changes, and the same when only its layout does', async () => {
    const hashOf = async (yaml: string): Promise<string> => {
      const loaded = await loadYaml(yaml);
      assert.equal(loaded.kind, 'valid');
      return loaded.configSha256;
    };
    const hash = await hashOf(MINIMAL);
    assert.equal(await hashOf(`# a comment\n${MINIMAL}seed: 1 # the default\n`), hash);
    assert.notEqual(await hashOf(`${MINIMAL}seed: 2\n`), hash);
  });
});

describe('a pipeline.yaml that is wrong', () => {
  it('is explained with line, column, field, what was found and what would be right', async () => {
    const yaml = [
      'files:',
      '  folder: incoming',
      '  fromat: csv',
      'retrain:',
      '  on: harms',
      'breaker: { coolDown: 2 hours }',
      'seed: 1.5',
    ].join('\n');
    assert.equal(
      await problemsOf(yaml),
      [
        'pipeline.yaml:1:1 target: found nothing, expected text',
        "pipeline.yaml:3:3 files.fromat: found the unknown field 'fromat', expected one of folder, glob, followSymlinks, format, csv (did you mean 'format'?)",
        "pipeline.yaml:5:7 retrain.on: found 'harms', expected one of harm, drift, performance, any, never (did you mean 'harm'?)",
        "pipeline.yaml:6:22 breaker.coolDown: found '2 hours', expected a whole number with its unit (ms, s, m, h, d), such as '2h'",
        'pipeline.yaml:7:7 seed: found 1.5, expected a whole number',
      ].join('\n'),
    );
  });

  it('hears which retrain modes there are when it names another', async () => {
    for (const mode of ['ensemble', '7', 'Full']) {
      assert.match(
        await problemsOf(`${MINIMAL}retrain: { mode: ${mode} }`),
        /retrain\.mode: found '?\w+'?, expected one of the retrain modes that there are: recalibration, .*, auto, hooks; .* 0 full, 1 incremental, /,
      );
    }
  });

  const cases: readonly (readonly [what: string, yaml: string, problem: RegExp])[] = [
    ['a metric of the other task', 'task: regression\nmetric: f1', /metric.*r2, rmse, mae/],
    [
      'a threshold of the other task',
      'task: classification\nthresholds: { accuracy: 0.8, rmse: 1 }',
      /:4:\d+ thresholds\.rmse: .*accuracy, balancedAccuracy, f1, .*logLoss/,
    ],
    ['a misspelt threshold', 'thresholds: { acuracy: 1 }', /did you mean 'accuracy'/],
    ['a misspelt estimator', 'estimator: { kind: forrest }', /did you mean 'forest'/],
    [
      'an estimator of the other task',
      'task: regression\nestimator: { kind: logistic }',
      /:4:\d+ estimator\.kind: found 'logistic', expected an estimator of regression: forest, boosting, linear, /,
    ],
    [
      'a parameter of another estimator',
      'estimator: { kind: linear, trees: 5 }',
      /estimator\.trees: found the unknown field 'trees', expected one of kind, l2/,
    ],
    ['the target as time column', 'timeColumn: price', /timeColumn: found 'price', expected a col/],
    ['an ignored target', 'ignore: [id, price]', /:3:14 ignore\[1\]: found 'price'/],
    ['a fallback like the mode', 'retrain: { fallback: full }', /retrain\.fallback: found 'full'/],
    [
      'the same mode by name and by number',
      'retrain: { mode: replay, fallback: 5 }',
      /retrain\.fallback: found 5, expected a mode other than retrain\.mode/,
    ],
    [
      'a window of time without times',
      'retrain: { mode: window, window: 30d }',
      /retrain\.window: found '30d', expected a number of rows; .*timeColumn/,
    ],
    [
      'a window that is neither',
      'retrain: { window: a week }',
      /retrain\.window: found 'a week', expected a whole number of rows, or a duration/,
    ],
    [
      'modes to choose from that choose themselves',
      'retrain: { auto: { modes: [full, auto] } }',
      /retrain\.auto\.modes\[1\]: found 'auto', expected one of recalibration, /,
    ],
    [
      'a cool-down above its maximum',
      'breaker: { coolDown: 2d }',
      /maxCoolDown.*at least coolDown/,
    ],
    [
      'a share of 1',
      'gate: { holdout: 1 }',
      /gate\.holdout: found 1, expected a number of less th/,
    ],
    ['a number as text', 'timeColumn: 2020', /found 2020, expected text \(.* in quotes\)/],
    ['another name than its folder', 'name: sails', /name: found 'sails', expected 'sales'/],
    ['a name that is no path', 'name: ../x', /name: found '..\/x', expected lower-case letters/],
    ['the same field twice', 'target: cost', /:3:1: .*Map keys must be unique/],
    ['a tag that makes code of text', 'seed: !!js/function f', /:3:7: .*Unresolved tag/],
    ['a second document', '---\na: 1', /:3:1: .* expected one document/],
    ['hooks that are not there', 'estimator: { kind: hooks }', /defines train and predict/],
  ];
  for (const [what, yaml, problem] of cases) {
    it(`is refused for ${what}`, async () => {
      assert.match(await problemsOf(`${MINIMAL}${yaml}\n`), problem);
    });
  }

  it('is refused when it is empty, a list, no text, or far too long', async () => {
    assert.match(await problemsOf(''), /an empty file/);
    assert.match(await problemsOf('- a\n'), /found a list, expected fields below it/);
    assert.match(await problemsOf(Uint8Array.of(0x66, 0xff, 0xfe)), /no UTF-8/);
    assert.match(await problemsOf(`# ${'x'.repeat(300_000)}`), /300002 bytes/);
  });

  it('cannot exhaust the memory with aliases of aliases', async () => {
    const bomb = ['a: &a [x, x]'];
    for (let i = 1; i < 20; i++) {
      const before = String.fromCharCode(96 + i);
      const name = String.fromCharCode(97 + i);
      bomb.push(`${name}: &${name} [*${before}, *${before}, *${before}, *${before}]`);
    }
    assert.match(await problemsOf(bomb.join('\n')), /at most 100 aliases/);
  });

  it('is refused when pipeline.yml lies beside it', async () => {
    await write('sales/pipeline.yml', MINIMAL);
    assert.match(await problemsOf(MINIMAL), /pipeline\.yml beside it/);
  });

  it('is refused when it is a folder', async () => {
    await mkdir(join(root, 'sales/pipeline.yaml'), { recursive: true });
    const loaded = await loadPipeline(join(root, 'sales'));
    assert.equal(loaded.kind, 'invalid');
    assert.match(formatProblems(loaded.problems), /pipeline\.yaml:1:1: .*not a file/);
  });

  it('has its first 20 problems listed and the others counted, each at a bounded length', async () => {
    const fields = Array.from({ length: 5_000 }, (_, i) => `f${i}: 1`).join('\n');
    const many = await problemsOf(`${MINIMAL}${fields}\n`);
    assert.equal(many.split('\n').length, 21);
    assert.match(many, /\nand 4980 more problems$/);
    const long = await problemsOf(`${MINIMAL}metric: ${'x'.repeat(200_000)}\n`);
    assert.match(long, /metric: found 'x+ … \(200002 characters\), expected one of/);
    assert.ok(long.length < 5_000, String(long.length));
  });

  it('may name files with 3 stars at most: more could hold the watcher up at a hostile name', async () => {
    const files = (glob: string): string => `files: { folder: in, glob: '${glob}' }\ntarget: y\n`;
    assert.match(await problemsOf(files('*a*a*a*b')), /files\.glob: .*at most 3 stars/);
    assert.equal((await loadYaml(files('**/a-*-*.csv'))).kind, 'valid');
  });
});

describe('hooks beside a pipeline.yaml', () => {
  it('are found with their path and hash', async () => {
    const path = await write('sales/hooks.ts', 'export default { notify() {} };\n');
    const loaded = await loadYaml(MINIMAL);
    assert.equal(loaded.kind, 'valid');
    assert.equal(loaded.hooks?.path, path);
    assert.match(loaded.hooks.sha256, /^[0-9a-f]{64}$/);
    assert.deepEqual(loaded.config.hooks, loaded.hooks);
  });

  it('must be those that the estimator, the mode and the fallback need', async () => {
    await write('sales/hooks.ts', 'export default { predict: () => [] };\n');
    assert.equal(
      await problemsOf(`${MINIMAL}retrain:\n  mode: hooks\n  fallback: hooks\n`),
      [
        "pipeline.yaml:4:9 retrain.mode: found 'hooks', without the hooks, expected a hooks.ts that defines retrain",
        "pipeline.yaml:5:13 retrain.fallback: found 'hooks', without the hooks, expected a hooks.ts that defines fallback",
      ].join('\n'),
    );
  });

  it('are trained anew or by themselves, in no mode that looks into a model', async () => {
    await write('sales/hooks.ts', 'export default { train: () => 0, predict: () => [] };\n');
    assert.match(
      await problemsOf(`${MINIMAL}estimator: { kind: hooks }\nretrain: { mode: stacking }\n`),
      /retrain\.mode: found 'stacking', expected one of the modes for models of hooks: full, window, replay, hooks/,
    );
  });

  it('make the pipeline invalid when they cannot be loaded', async () => {
    await write('sales/hooks.ts', 'export default { trian() {} };\n');
    assert.match(await problemsOf(MINIMAL), /hooks\.ts:1:1: .*'trian' \(did you mean train\?\)/);
  });
});

describe('the folder that a pipeline watches', () => {
  it('is none of CalmOps’ own, nor one with the code of pipelines, also by way of a link', async () => {
    const home = join(root, 'home');
    await mkdir(join(home, 'store', 'datasets'), { recursive: true });
    await mkdir(join(root, 'pipelines/other'), { recursive: true });
    await symlink(join(home, 'store'), join(root, 'innocent'));
    const refused = [
      ['/', /which is the root of the file system/],
      [home, /which is the home folder of CalmOps/],
      [join(home, 'store/datasets'), /which is within the store/],
      [join(root, 'innocent'), /which is the store/],
      [join(root, 'innocent/new'), /which is within the store/],
      [join(root, 'pipelines'), /which is the folder of pipelines/],
      [join(root, 'pipelines/other'), /which is within the folder of pipelines/],
      [join(root, 'pipelines/sales'), /which is the pipeline's own folder/],
    ] as const;
    for (const [folder, why] of refused) {
      await write('pipelines/sales/pipeline.yaml', `files: { folder: '${folder}' }\ntarget: y\n`);
      const [loaded] = await loadPipelines(join(root, 'pipelines'), keptIn(home));
      assert.equal(loaded?.kind, 'invalid', folder);
      assert.match(formatProblems(loaded.problems), /:1:18 files\.folder: found/);
      assert.match(formatProblems(loaded.problems), why);
    }
    for (const folder of [join(home, 'incoming'), join(root, 'pipelines-data'), 'incoming']) {
      await write('pipelines/sales/pipeline.yaml', `files: { folder: '${folder}' }\ntarget: y\n`);
      const [loaded] = await loadPipelines(join(root, 'pipelines'), keptIn(home));
      assert.equal(loaded?.kind, 'valid', folder);
    }
  });

  it('is no url', async () => {
    for (const url of ['http://example.org/data', 's3://bucket/data', 'file:///data']) {
      const said = await problemsOf(`files: { folder: '${url}' }\ntarget: y\n`);
      assert.match(said, /files\.folder: .*expected a folder of this machine, not a url/);
    }
  });
});

describe('what a pipeline.yaml may take', () => {
  it('is bounded for the texts that workflows carry', async () => {
    const said = await problemsOf(`files: { folder: in }\ntarget: ${'y'.repeat(200_000)}\n`);
    assert.match(
      said,
      /:2:9 target: found 'y+ … \(200002 characters\), expected text of at most 1000 /,
    );
    const folder = await problemsOf(`files: { folder: ${'f/'.repeat(9_000)} }\ntarget: y\n`);
    assert.match(folder, /files\.folder: .*at most 4000 characters/);
  });

  it('is bounded as JSON too, where aliases are resolved', async () => {
    const names = Array.from({ length: 9 }, (_, i) => `${'n'.repeat(150_000)}${i}`);
    const [first = ''] = names;
    const missing = `csv: { missing: [&long ${first}, ${Array(8).fill('*long').join(', ')}] }`;
    const said = await problemsOf(`files: { folder: in, ${missing} }\ntarget: y\n`);
    assert.match(said, /found 13\d{5} bytes as JSON.*expected at most 1048576/);
  });
});

describe('a folder of pipelines', () => {
  it('gives the others when one cannot be read, and says what to do about that one', async () => {
    await write('a/pipeline.yaml', MINIMAL);
    await write('b/pipeline.yaml', MINIMAL);
    await mkdir(join(root, 'b/hooks.ts'));
    // A loop of links cannot be read by anybody, the administrator included.
    await symlink('lost', join(root, 'lost'));
    const loaded = await loadPipelines(root);
    assert.deepEqual(
      loaded.map((one) => [one.kind, one.kind === 'valid' ? one.config.name : one.name]),
      [
        ['valid', 'a'],
        ['invalid', 'b'],
        ['invalid', 'lost'],
      ],
    );
    const [, hooks, lost] = loaded.map((one) =>
      one.kind === 'invalid' ? formatProblems(one.problems) : '',
    );
    assert.match(hooks ?? '', /b\/hooks\.ts:1:1: found something that is not a file/);
    assert.match(lost ?? '', /lost:1:1: .*cannot be read \(ELOOP\).*move it out of the folder/);
  });

  it('gives its pipelines by name, valid or not, and ignores everything else', async () => {
    await write('b/pipeline.yml', MINIMAL);
    await write('a/pipeline.yaml', 'target: 1');
    await write('schema.ts', '');
    await write('fixtures/data.csv', '');
    await write('.hidden/pipeline.yaml', MINIMAL);
    const loaded = await loadPipelines(root);
    assert.deepEqual(
      loaded.map((one) => [one.kind, one.kind === 'valid' ? one.config.name : one.name]),
      [
        ['invalid', 'a'],
        ['valid', 'b'],
      ],
    );
  });

  it('must be there', async () => {
    await assert.rejects(loadPipelines(join(root, 'absent')), /ENOENT/);
  });
});
