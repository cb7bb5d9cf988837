/**
 * `npm test [-- WORD…]`: installs what is missing, then runs every test file, or those whose path holds one
 * of the words. The last line counts what passed, failed and was skipped.
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { root, run, setUp } from './set-up.mjs';

const NOT_OURS = new Set(['node_modules', 'dist', 'logs', 'docs']);

await setUp();
const words = process.argv.slice(2);
const files = (await testFiles('')).filter(
  (file) => words.length === 0 || words.some((word) => file.includes(word)),
);
if (files.length === 0) {
  console.error(`No test file has one of these in its path: ${words.join(', ')}`);
  process.exit(1);
}
const folder = await mkdtemp(path.join(tmpdir(), 'calmops-test-'));
try {
  const tap = path.join(folder, 'tap');
  process.exitCode = await run(process.execPath, [
    ...['--import', 'tsx', '--test'],
    ...['--test-reporter', process.stdout.isTTY ? 'spec' : 'tap'],
    ...['--test-reporter-destination', 'stdout'],
    ...['--test-reporter', 'tap', '--test-reporter-destination', tap],
    ...files,
  ]);
  const count = await counter(tap);
  const failed = count('fail') + count('cancelled');
  console.log(
    `${count('pass')} passed, ${failed} failed, ${count('skipped') + count('todo')} skipped`,
  );
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function testFiles(folder) {
  const entries = await readdir(path.join(root, folder), { withFileTypes: true });
  const found = [];
  for (const entry of entries) {
    const name = path.posix.join(folder, entry.name);
    if (entry.isDirectory() && !entry.name.startsWith('.') && !NOT_OURS.has(entry.name)) {
      found.push(...(await testFiles(name)));
    } else if (entry.isFile() && entry.name.endsWith('.test.ts')) found.push(name);
  }
  return found.sort();
}

/** Reads the totals at the end of a TAP report: `# pass 12`. */
async function counter(tap) {
  const report = await readFile(tap, 'utf8');
  return (name) =>
    Number([...report.matchAll(new RegExp(`^# ${name} (\\d+)$`, 'gm'))].at(-1)?.[1] ?? 0);
}
