import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const CALMOPS = fileURLToPath(new URL('../scripts/calmops.mjs', import.meta.url));

describe('a command without arguments', async () => {
  const home = await mkdtemp(path.join(tmpdir(), 'calmops-usage-'));
  after(() => rm(home, { recursive: true, force: true }));

  for (const command of ['check', 'check-store', 'status']) {
    test(`calmops ${command} --help prints its usage and does nothing else`, async () => {
      const { status, stdout, stderr } = run(command, '--help');
      assert.match(stdout, new RegExp(`^Usage: npm run calmops -- ${command}\n[^]*Exit code: `));
      assert.deepEqual({ status, stderr }, { status: 0, stderr: '' });
      assert.ok(!(await readdir(home)).includes('store'));
    });

    test(`calmops ${command} refuses an argument that it does not know`, () => {
      const { status, stdout, stderr } = run(command, '--hlep');
      assert.match(stderr, /'--hlep'[^]*\n\nUsage: npm run calmops/);
      assert.deepEqual({ status, stdout }, { status: 1, stdout: '' });
    });
  }

  function run(...args: string[]): { status: number | null; stdout: string; stderr: string } {
    const env = { ...process.env, CALMOPS_HOME: home };
    return spawnSync(process.execPath, [CALMOPS, ...args], { env, encoding: 'utf8' });
  }
});
