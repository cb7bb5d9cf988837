import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Client } from '@temporalio/client';
import { connectClient, connectOptions } from '../../shell/connection.ts';
import { pipelineWorkflowId, type RunSummary } from '../../workflows/contract.ts';
import { startInstallation, type TestInstallation } from '../support/installation.ts';
import { loans } from '../support/loans.ts';
import { outcomesOf } from '../support/scenarios.ts';
import { startTestTemporal, type TestTemporal } from '../support/temporal.ts';

const temporal = await startTestTemporal();
const skip = typeof temporal === 'string' ? temporal : false;

const KEY = `of-a-test ${Buffer.alloc(32, 7).toString('base64')}`;
/** What files, columns and folders are called in this test. */
const SECRETS = /ada-lovelace|defaulted|income|incoming/;

describe('with a codec key', { skip }, () => {
  let calmops: TestInstallation;
  let client: Client;
  const keyBefore = process.env['CALMOPS_CODEC_KEY'];
  before(async () => {
    const server = temporal as TestTemporal;
    process.env['CALMOPS_CODEC_KEY'] = KEY;
    client = await connectClient(
      connectOptions(`127.0.0.1:${String(server.settings.temporalPort)}`),
    );
    calmops = await startInstallation(
      { ...server, client },
      { name: 'loans', target: 'defaulted', estimator: { kind: 'forest', trees: 300 } },
    );
  });
  after(async () => {
    await calmops.stop();
    await client.connection.close();
    await (temporal as TestTemporal).stop();
    if (keyBefore === undefined) Reflect.deleteProperty(process.env, 'CALMOPS_CODEC_KEY');
    else process.env['CALMOPS_CODEC_KEY'] = keyBefore;
  });

  let runs = 0;
  async function outcomeOf(name: string, content: string): Promise<RunSummary> {
    await calmops.drop(name, content);
    runs += 1;
    const run = (await outcomesOf(calmops.pipeline, runs)).at(-1);
    assert.ok(run !== undefined);
    assert.equal(run.fileName, name);
    return run;
  }

  test('files are trained on and refused as without one', async () => {
    const trained = await outcomeOf('ada-lovelace-1.csv', loans('old', 1));
    assert.equal(trained.outcome, 'trained', trained.reason);
    const invalid = await outcomeOf('ada-lovelace-2.csv', 'income,income,defaulted\n1,2,yes\n');
    assert.equal(invalid.outcome, 'invalid');
    assert.match(invalid.reason, /income/);
  });

  test('no history holds a name of a file, a column or a folder that can be read', async () => {
    const ids = [pipelineWorkflowId('loans')];
    for await (const { workflowId } of client.workflow.list({
      query: `WorkflowType = 'monitorDataset'`,
    })) {
      ids.push(workflowId);
    }
    assert.equal(ids.length, 3);
    for (const id of ids) {
      const { events } = await client.workflow.getHandle(id).fetchHistory();
      for (const event of events ?? []) {
        const text = readable(event);
        assert.doesNotMatch(text, SECRETS, text.slice(0, 2000));
      }
    }
  });
});

/** Everything in it that somebody who reads the database would see; search attributes are in clear by design. */
function readable(value: unknown): string {
  return JSON.stringify(value, (key, part: unknown) => {
    if (key === 'searchAttributes') return undefined;
    if (part instanceof Uint8Array) return Buffer.from(part).toString();
    return part;
  });
}
