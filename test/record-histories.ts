import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { Client } from '@temporalio/client';
import { pipelineWorkflowId, runWorkflowId } from '../workflows/contract.ts';
import { outcomesOf, SCENARIOS, startPipeline, type Scenario } from './support/scenarios.ts';
import { startStubWorker } from './support/stub-worker.ts';
import { startTestTemporal } from './support/temporal.ts';

/**
 * Records the histories that `replay.test.ts` replays, of the scenarios that have none: those of older code are the ones
 * worth replaying. With `--all` it records every one anew, for when workflows change on purpose in a way that breaks them.
 */
const folder = new URL('./histories/', import.meta.url);
const root = fileURLToPath(new URL('../', import.meta.url));

async function recordAll(): Promise<void> {
  const temporal = await startTestTemporal();
  if (typeof temporal === 'string') throw new Error(temporal);
  const worker = await startStubWorker(temporal.connection);
  try {
    await mkdir(folder, { recursive: true });
    const known = process.argv.includes('--all') ? [] : await readdir(folder);
    for (const scenario of SCENARIOS) {
      if (!known.includes(`${scenario.name}.pipeline.json`)) {
        await record(temporal.client, scenario);
      }
    }
  } finally {
    await worker.stop();
    await temporal.stop();
  }
}

/** The pipeline's history and that of one run, the last one unless the scenario says otherwise: the runs before it are other scenarios. */
async function record(client: Client, scenario: Scenario): Promise<void> {
  const pipeline = await startPipeline(client, scenario.name, scenario.files, {
    more: scenario.more,
  });
  await scenario.meanwhile?.(client, scenario.name);
  const runs = await outcomesOf(pipeline, scenario.files.length);
  await scenario.then?.(pipeline);
  await save(client, pipelineWorkflowId(scenario.name), `${scenario.name}.pipeline.json`);
  const last = runs.at(scenario.recorded ?? -1);
  if (last !== undefined) {
    const id = runWorkflowId(scenario.name, last.sha256, last.revision);
    await save(client, id, `${scenario.name}.run.json`);
  }
}

async function save(client: Client, workflowId: string, fileName: string): Promise<void> {
  const history = await client.workflow.getHandle(workflowId).fetchHistory();
  // Stack traces name files of the machine that recorded them.
  const text = historyToJSON(history).replaceAll(root, '');
  await writeFile(new URL(fileName, folder), text);
  process.stdout.write(`${fileName}: ${history.events?.length ?? 0} events\n`);
}

await recordAll();
