import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Client } from '@temporalio/client';
import { scenarioConfig } from '../test/support/scenarios.ts';
import { MAX_BATCH, type DatasetFile } from '../workflows/contract.ts';
import { MAX_BATCH_BYTES } from './batches.ts';
import { tellOfFiles } from './start-monitor.ts';

const config = scenarioConfig('sales');

interface Start {
  readonly workflowId: string;
  readonly taskQueue: string;
  readonly args: readonly unknown[];
  readonly signal: { readonly name: string };
  readonly signalArgs: readonly [readonly DatasetFile[]];
  readonly workflowIdConflictPolicy: string;
  readonly typedSearchAttributes: readonly {
    readonly key: { readonly name: string; readonly type: string };
    readonly value: string;
  }[];
  readonly staticSummary: string;
}

test('a pipeline is told of a file, and started if it does not run', async () => {
  const { client, starts } = recordingClient();
  await tellOfFiles(client, config, [file(1)]);
  const [start] = starts;
  assert.equal(starts.length, 1);
  assert.equal(start?.workflowId, 'pipeline/sales');
  assert.equal(start.taskQueue, 'calmops');
  assert.deepEqual(start.args, [{ config }]);
  assert.equal(start.signal.name, 'datasetsArrived');
  assert.deepEqual(start.signalArgs, [[file(1)]]);
  assert.equal(start.workflowIdConflictPolicy, 'USE_EXISTING');
  const [attribute] = start.typedSearchAttributes;
  assert.equal(attribute?.key.name, 'CalmopsPipeline');
  assert.equal(attribute.key.type, 'KEYWORD');
  assert.equal(attribute.value, 'sales');
  assert.match(start.staticSummary, /sales/);
});

test('many files are told in batches, in order', async () => {
  const { client, starts } = recordingClient();
  const files = Array.from({ length: 2 * MAX_BATCH + 1 }, (_, i) => file(i));
  await tellOfFiles(client, config, files);
  assert.deepEqual(
    starts.map(({ signalArgs }) => signalArgs[0].length),
    [MAX_BATCH, MAX_BATCH, 1],
  );
  assert.deepEqual(
    starts.flatMap(({ signalArgs }) => signalArgs[0]),
    files,
  );
});

test('files with long paths travel in smaller batches, in order', async () => {
  const { client, starts } = recordingClient();
  const folder = `/${'深い/'.repeat(585)}`;
  const files = Array.from({ length: 120 }, (_, i) => ({ ...file(i), path: `${folder}${i}.csv` }));
  await tellOfFiles(client, config, files);
  const batches = starts.map(({ signalArgs }) => signalArgs[0]);
  assert.deepEqual(batches.flat(), files);
  for (const batch of batches) {
    assert.ok(Buffer.byteLength(JSON.stringify(batch)) <= MAX_BATCH_BYTES + 2);
  }
});

test('no file, no signal', async () => {
  const { client, starts } = recordingClient();
  await tellOfFiles(client, config, []);
  assert.equal(starts.length, 0);
});

function recordingClient(): { readonly client: Client; readonly starts: readonly Start[] } {
  const starts: Start[] = [];
  const workflow = {
    signalWithStart: (type: string, options: Start) => {
      assert.equal(type, 'monitorPipeline');
      starts.push(options);
      return Promise.resolve();
    },
  };
  return { client: { workflow } as unknown as Client, starts };
}

function file(i: number): DatasetFile {
  const name = `${i}.csv`;
  return {
    name,
    path: `/incoming/${name}`,
    sha256: String(i).padStart(64, '0'),
    bytes: i,
    arrivedAt: '2026-01-01T00:00:00.000Z',
  };
}
