import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { pipelineSchema } from '../../pipelines/schema.ts';
import { computeIn, environmentIn, ingested } from '../../test/support/in-process.ts';
import { loans } from '../../test/support/loans.ts';
import { trainOnThreads } from '../training/train-on-threads.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'calmops-segments-'));
});
after(() => rm(folder, { recursive: true, force: true }));

test('a segment that the file has no column for is found before anything is fitted', async () => {
  const environment = environmentIn(folder);
  const config = {
    ...pipelineSchema.parse({
      ...{ name: 'loans', files: { folder: 'incoming' }, target: 'defaulted' },
      gate: { segments: [{ name: 'romans', where: 'town = Rome' }] },
    }),
    hooks: null,
  };
  const dataset = await ingested('week-1.csv', loans('old', 1), config, environment);
  const begun: string[] = [];
  const compute = computeIn(environment, { onTask: (name) => begun.push(name) });
  const work = { signal: new AbortController().signal, report: () => undefined };
  const input = { config, dataset, parent: null, mode: 'full', refusal: null } as const;
  await assert.rejects(trainOnThreads(input, compute, work), {
    message: /^week-1\.csv: gate\.segments, 'romans': no column 'town'; columns: income, debt/,
  });
  assert.deepEqual(begun, ['planTraining']);
});
