import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { before, describe, test } from 'node:test';
import { bundleWorkflowCode, Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { workflowsPath } from '../worker/workflow-source.ts';
import { quietTemporal } from './support/quiet.ts';
import { SCENARIOS } from './support/scenarios.ts';

const folder = new URL('./histories/', import.meta.url);
const files = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();

describe('a workflow that began under older code carries on under this one', () => {
  let workflowBundle: WorkflowBundleWithSourceMap;
  before(async () => {
    quietTemporal();
    workflowBundle = await bundleWorkflowCode({ workflowsPath });
  });

  test('every path has recorded histories', () => {
    const expected = SCENARIOS.flatMap(({ name }) => [`${name}.pipeline.json`, `${name}.run.json`]);
    assert.deepEqual(files, expected.sort());
  });

  for (const name of files) {
    test(name, async () => {
      const history: unknown = JSON.parse(await readFile(new URL(name, folder), 'utf8'));
      await Worker.runReplayHistory({ workflowBundle }, history);
    });
  }

  test('a changed order of steps would be noticed', async () => {
    const text = await readFile(new URL('keep.run.json', folder), 'utf8');
    const history: unknown = JSON.parse(text.replaceAll('"examine"', '"somethingElse"'));
    await assert.rejects(Worker.runReplayHistory({ workflowBundle }, history), /[Nn]ondeterminism/);
  });
});
