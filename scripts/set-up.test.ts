import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { constants } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { isInstalled, root } from './set-up.mjs';

const run = promisify(execFile);

const LOCK = {
  '': { version: '0.1.0' },
  'node_modules/a': { version: '1.0.0' },
  'node_modules/elsewhere': { version: '1.0.0', optional: true },
};

test('nothing is installed when node_modules holds what the lock file asks for', async (t) => {
  const folder = await project(t, LOCK, { 'node_modules/a': { version: '1.0.0' } });
  assert.equal(await isInstalled(folder), true);
});

test('packages are installed when node_modules is absent, or older than the lock file', async (t) => {
  assert.equal(await isInstalled(await project(t, LOCK, null)), false);
  const older = { 'node_modules/a': { version: '0.9.0' } };
  assert.equal(await isInstalled(await project(t, LOCK, older)), false);
  assert.equal(await isInstalled(await project(t, LOCK, {})), false);
});

test('every script of package.json names a file or a program that is there', async () => {
  const { scripts, dependencies, devDependencies } = JSON.parse(
    await readFile(path.join(root, 'package.json'), 'utf8'),
  ) as Record<'scripts' | 'dependencies' | 'devDependencies', Record<string, string>>;
  const commands = await readFile(path.join(root, 'cli/main.ts'), 'utf8');
  const programs = { node: '', tsc: 'typescript', ...dependencies, ...devDependencies };
  for (const [name, script] of Object.entries(scripts)) {
    for (const step of script.split(' && ')) {
      const [program = '', ...args] = step.split(' ');
      assert.ok(program in programs, `${name}: ${program}`);
      if (program !== 'node') continue;
      const [file = '', command] = args.filter((arg) => !arg.startsWith('-') && arg !== 'tsx');
      await access(path.join(root, file));
      if (command !== undefined) assert.match(commands, new RegExp(`^  ${command}: `, 'm'), name);
    }
  }
});

test('npm test runs the files whose path holds a word, and counts them in its last line', async () => {
  const { stdout } = await run(process.execPath, ['scripts/test.mjs', 'core/stats/ks.test'], {
    cwd: root,
    // Inside a test run, the runner would report to the outer one.
    env: { ...process.env, NODE_TEST_CONTEXT: undefined },
  });
  assert.match(stdout.trim().split('\n').at(-1) ?? '', /^\d+ passed, 0 failed, 0 skipped$/);
});

test('npm test says when no file matches', async () => {
  const answer = run(process.execPath, ['scripts/test.mjs', 'no-such-word'], { cwd: root });
  await assert.rejects(answer, /No test file has one of these in its path: no-such-word/);
});

test('the script of continuous integration can be executed and is sound', async () => {
  const script = path.join(root, '.ci/run');
  await access(script, constants.X_OK);
  await run('bash', ['-n', script]);
});

type Packages = Readonly<Record<string, { readonly version: string; readonly optional?: boolean }>>;

async function project(t: TestContext, lock: Packages, present: Packages | null): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'calmops-set-up-'));
  t.after(() => rm(folder, { recursive: true }));
  await writeFile(path.join(folder, 'package-lock.json'), JSON.stringify({ packages: lock }));
  if (present !== null) {
    await mkdir(path.join(folder, 'node_modules'));
    const file = path.join(folder, 'node_modules/.package-lock.json');
    await writeFile(file, JSON.stringify({ packages: present }));
  }
  return folder;
}
