import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { withDatabase } from '../data/duckdb.ts';
import { openEnvironment } from './task-environment.ts';

let folder: string;
before(async () => (folder = await mkdtemp(path.join(tmpdir(), 'calmops-environment-'))));
after(() => rm(folder, { recursive: true, force: true }));

test('what does not fit into the memory of a database has a folder to go to', async () => {
  const storeFolder = path.join(folder, 'store');
  const scratchFolder = path.join(folder, 'scratch/reader');
  await mkdir(storeFolder);
  openEnvironment({
    ...{ storeFolder, scratchFolder, checkpointsFolder: path.join(folder, 'checkpoints') },
    ...{ codeVersion: 'x', fitMemory: { megabytes: 1024, threads: 1 } },
  });
  await withDatabase({ folder: scratchFolder }, async (connection) => {
    const reader = await connection.runAndReadAll("SELECT current_setting('temp_directory')");
    // The database makes this folder when it needs it, and none above it.
    const above = path.dirname(String(reader.getRows()[0]?.[0]));
    assert.ok((await stat(above)).isDirectory(), above);
  });
});
