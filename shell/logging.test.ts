import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { createFileLogger, pipelineLogger, temporalLogger } from './logging.ts';
import { loadSettings, type Settings } from './settings.ts';

test('a record that names a pipeline is in the file of that pipeline, others are not', async (t) => {
  const settings = await temporarySettings(t);
  const logger = createFileLogger(settings, 'worker');
  pipelineLogger(logger, 'sales').info({ rows: 3 }, 'Read');
  logger.info({ pipeline: 'weather' }, 'Seen');
  logger.info('Of no pipeline');
  const [record] = await records(path.join(settings.logsFolder, 'sales.log'));
  assert.equal(record?.['msg'], 'Read');
  assert.equal(record['rows'], 3);
  assert.equal(record['component'], 'worker');
  assert.equal((await records(path.join(settings.logsFolder, 'weather.log'))).length, 1);
  assert.equal((await records(path.join(settings.home, 'calmops.log'))).length, 3);
});

test('a name that is no pipeline name makes no file', async (t) => {
  const settings = await temporarySettings(t);
  const logger = createFileLogger(settings, 'worker');
  assert.throws(() => pipelineLogger(logger, '../escape'));
  logger.info({ pipeline: '../escape' }, 'Hostile');
  assert.equal(existsSync(settings.logsFolder), false);
});

test('two processes append to one file, and a new one goes on where it ended', async (t) => {
  const settings = await temporarySettings(t);
  for (const component of ['worker', 'watcher', 'worker']) {
    pipelineLogger(createFileLogger(settings, component), 'sales').info('hello');
  }
  const found = await records(path.join(settings.logsFolder, 'sales.log'));
  assert.deepEqual(
    found.map((record) => record['component']),
    ['worker', 'watcher', 'worker'],
  );
});

test('a log that has grown too large is put aside', async (t) => {
  const settings = await temporarySettings(t);
  const logger = createFileLogger(settings, 'worker');
  pipelineLogger(logger, 'sales').info('creates the folder');
  const file = path.join(settings.logsFolder, 'sales.log');
  await writeFile(file, '');
  await truncate(file, 11 * 2 ** 20);
  pipelineLogger(createFileLogger(settings, 'worker'), 'sales').info('fresh');
  assert.equal((await records(file)).length, 1);
  assert.equal((await stat(path.join(settings.logsFolder, 'sales.1.log'))).size, 11 * 2 ** 20);
});

test('what the Temporal SDK says of a run reaches the log of its pipeline', async (t) => {
  const settings = await temporarySettings(t);
  const logger = temporalLogger(createFileLogger(settings, 'worker'));
  logger.log('INFO', 'Activity failed', { workflowId: 'dataset/sales/abc', nanos: 12n });
  const [record] = await records(path.join(settings.logsFolder, 'sales.log'));
  assert.equal(record?.['workflowId'], 'dataset/sales/abc');
  assert.equal(record['nanos'], '12');
});

async function temporarySettings(t: TestContext): Promise<Settings> {
  const folder = await mkdtemp(path.join(tmpdir(), 'calmops-logs-'));
  t.after(() => rm(folder, { recursive: true }));
  return loadSettings({
    CALMOPS_HOME: path.join(folder, 'home'),
    CALMOPS_LOGS: path.join(folder, 'logs'),
  });
}

async function records(file: string): Promise<readonly Record<string, unknown>[]> {
  const text = await readFile(file, 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
