import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { buildIfOlder } from './build.mjs';

describe('the build that commands run', () => {
  let root: string;
  const write = async (file: string, text: string): Promise<void> => {
    await mkdir(path.join(root, path.dirname(file)), { recursive: true });
    await writeFile(path.join(root, file), text);
    const before = new Date(Date.now() - 1000);
    await utimes(path.join(root, file), before, before);
  };
  const says = async (): Promise<string> => {
    const args = ['--enable-source-maps', path.join(root, 'build/calmops.js')];
    return (await promisify(execFile)(process.execPath, args)).stdout.trim();
  };

  before(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'calmops-build-'));
    await write('package.json', '{ "type": "module" }');
    await write('node_modules/.package-lock.json', '{}');
    await write('scripts/build.mjs', '');
    await write('worker/compute-process.ts', `import '../core/word.ts';\n`);
    await write('data/summarise-process.ts', `export {};\n`);
    await write('worker/training-thread.ts', `export {};\n`);
    await write('processes/watchdog.mjs', '');
    await write('core/word.ts', `export const word: string = 'first';\n`);
    await write(
      'cli/main.ts',
      `import { word } from '../core/word.ts';\n\nconsole.log(word, new Error().stack?.split('\\n')[1]);\n`,
    );
  });
  after(() => rm(root, { recursive: true }));

  test('is made where there is none, and names places in the sources', async () => {
    assert.equal(await buildIfOlder(root), true);
    assert.match(await says(), /^first .*cli\/main\.ts:3:\d+/);
  });

  test('is left as it is while no source changes', async () => {
    assert.equal(await buildIfOlder(root), false);
  });

  test('is made anew where a source has changed, and nothing is left of the one before', async () => {
    const earlier = await readdir(path.join(root, 'build'));
    await writeFile(path.join(root, 'core/word.ts'), `export const word: string = 'second';\n`);
    assert.equal(await buildIfOlder(root), true);
    assert.match(await says(), /^second /);
    const files = await readdir(path.join(root, 'build'));
    assert.equal(files.length, earlier.length);
  });

  test('is made anew where a source is gone', async () => {
    await write('cli/main.ts', `console.log('third');\n`);
    await rm(path.join(root, 'core/word.ts'));
    await write('worker/compute-process.ts', `export {};\n`);
    assert.equal(await buildIfOlder(root), true);
    assert.match(await says(), /^third/);
  });

  test(
    'leaves no process behind in the command that made it',
    { skip: process.platform === 'linux' ? false : 'children are counted on Linux only' },
    async () => {
      await rm(path.join(root, 'build'), { recursive: true });
      const program = `
        import { readFileSync } from 'node:fs';
        import { buildIfOlder } from ${JSON.stringify(new URL('build.mjs', import.meta.url).href)};
        const built = await buildIfOlder(${JSON.stringify(root)});
        const children = readFileSync('/proc/self/task/' + process.pid + '/children', 'utf8');
        console.log(JSON.stringify({ built, children: children.trim() }));`;
      const args = ['--input-type=module', '--eval', program];
      const { stdout } = await promisify(execFile)(process.execPath, args);
      assert.deepEqual(JSON.parse(stdout), { built: true, children: '' });
    },
  );

  test('of several processes at a time is whole', async () => {
    await rm(path.join(root, 'build'), { recursive: true });
    await Promise.all([1, 2, 3].map(() => buildIfOlder(root)));
    assert.match(await says(), /^third/);
  });
});
