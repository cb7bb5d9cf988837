import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fixtureWorld } from '../web/fixtures/world.ts';
import type { PipelinesView } from '../web/listed-pipelines.ts';
import { createQueries } from '../web/queries.ts';
import { LIGHT_QUEUE } from '../workflows/contract.ts';
import { statusWords } from './status-words.ts';

async function view(): Promise<PipelinesView> {
  const { temporal, store } = await fixtureWorld();
  return (await createQueries({ temporal: temporal.reader, store }).pipelines()).value;
}
const names = ['bike-rentals', 'churn', 'electricity', 'weather'];
const described = { valid: names, invalid: [] };

describe('calmops status', () => {
  it('says of each pipeline what it does and how its last file ended', async () => {
    const text = statusWords(await view(), described, new Map()).join('\n');
    assert.match(text, /^bike-rentals: idle, \d+ runs, 0 queued, breaker /m);
    assert.match(text, /^electricity: paused by Maria Okafor, 72 runs, 2 queued/m);
    assert.match(text, /^ {2}in shadow: \w+, 2 of 5 files seen$/m);
    assert.match(text, /^weather: working on new-york-2012-h2\.csv/m);
    assert.match(text, /^ {2}last: \S+\.csv was \w+\. /m);
  });

  it('goes on after a pipeline that fails, and says why it does', async () => {
    const { pipelines, idleQueues } = await view();
    const failing = pipelines.map((each) => ({ ...each, failing: each.name === 'churn' }));
    const why = new Map([['churn', 'Its workflow code fails in the worker (attempt 3): X.']]);
    const text = statusWords({ pipelines: failing, idleQueues }, described, why).join('\n');
    assert.match(
      text,
      /^churn: its workflow code fails.*\n {2}Its workflow code fails.*attempt 3/m,
    );
    assert.match(text, /^weather: working/m);
  });

  it('says that no worker runs, and does not call waiting work', async () => {
    const { pipelines } = await view();
    const found = statusWords({ pipelines, idleQueues: [LIGHT_QUEUE] }, described, new Map());
    assert.match(found[0] ?? '', /^No worker runs/);
    assert.match(found.join('\n'), /^weather: new-york-2012-h2\.csv waits for a worker/m);
  });

  it('names pipelines without files, without a folder, and not valid', async () => {
    const folders = {
      valid: [...names.slice(1), 'new'],
      invalid: [{ name: 'bad', problems: 'target: is missing' }],
    };
    const text = statusWords(await view(), folders, new Map()).join('\n');
    assert.match(text, /^new: has not seen a file yet$/m);
    assert.match(text, /^bad: is not valid\ntarget: is missing$/m);
    assert.match(text, /^bike-rentals: .*\n.*\n.*\n {2}its folder is gone/m);
    assert.deepEqual(
      statusWords({ pipelines: [], idleQueues: [] }, { valid: [], invalid: [] }, new Map()),
      ['There is no pipeline.'],
    );
  });
});
