import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createRandom } from '../../core/random.ts';
import { columnOf, type Column } from '../../core/table.ts';
import { hashFile } from '../../data/hash-file.ts';
import { pipelineSchema, type PipelineConfig } from '../../pipelines/schema.ts';
import { computeIn, environmentIn } from '../../test/support/in-process.ts';
import type { Dataset, ModelRef } from '../../workflows/contract.ts';
import type { Environment } from '../environment.ts';
import { trainOnThreads } from '../training/train-on-threads.ts';
import { ingest, loadTable } from './ingest.ts';

const config: PipelineConfig = {
  ...pipelineSchema.parse({
    name: 'orders',
    files: { folder: 'in' },
    target: 'returned',
    estimator: { kind: 'forest', trees: 5 },
  }),
  hooks: null,
};

const WORK = { signal: new AbortController().signal, report: () => undefined };

/** Orders with a code of four digits, and whether they were returned. */
function orders(
  seed: number,
  code: (k: number) => string,
  label: (isReturned: boolean) => string,
): string {
  const random = createRandom(seed);
  const rows = Array.from({ length: 200 }, () => {
    const amount = Math.round(10_000 * random()) / 100;
    return `${amount},${code(Math.floor(4 * random()))},${label(amount > 50)}`;
  });
  return `amount,code,returned\n${rows.join('\n')}\n`;
}

describe('a file that meets a champion', () => {
  let folder: string;
  let environment: Environment;
  let champion: ModelRef;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'calmops-knows-'));
    environment = environmentIn(folder);
    const first = await arrived(
      'a.csv',
      orders(
        1,
        (k) => `00${k + 10}`,
        (is) => (is ? '1' : '0'),
      ),
    );
    const asked = { config, dataset: first, parent: null, mode: 'full', refusal: null } as const;
    champion = await trainOnThreads(asked, computeIn(environment), WORK);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  test('has its codes as text, as the champion knows them, though none begins with a zero', async () => {
    const content = orders(
      2,
      (k) => String(k + 10),
      (is) => (is ? '1' : '0'),
    );
    assert.equal((await read(content, undefined)).code.kind, 'numeric');
    const { code } = await read(content, champion);
    assert.ok(code.kind === 'categorical');
    assert.deepEqual(code.dictionary, ['10', '11', '12', '13']);
  });

  test('has labels of its own form read as the classes that they are, and says so', async () => {
    const content = orders(
      3,
      (k) => `00${k + 10}`,
      (is) => (is ? 'True' : 'False'),
    );
    const { returned, dataset } = await read(content, champion);
    assert.ok(returned.kind === 'numeric');
    assert.deepEqual(new Set(returned.values), new Set([0, 1]));
    assert.match(dataset.notes?.join() ?? '', /labels in 'returned' .* 'true' as '1'/);
  });

  test('is refused where the champion knows none of its labels', async () => {
    const content = orders(
      4,
      (k) => `00${k + 10}`,
      (is) => (is ? 'oui' : 'non'),
    );
    await assert.rejects(read(content, champion), {
      name: 'InvalidDatasetError',
      message: /it predicts '0', '1', and the file has 'non', 'oui'/,
    });
  });

  async function arrived(name: string, content: string, known?: ModelRef): Promise<Dataset> {
    const file = path.join(folder, name);
    await writeFile(file, content);
    const hashed = await hashFile(file);
    const arrivedAt = '2026-01-01T00:00:00Z';
    const given = { config, file: { ...hashed, name, path: file, arrivedAt } };
    return ingest(known === undefined ? given : { ...given, champion: known }, environment);
  }

  async function read(
    content: string,
    known: ModelRef | undefined,
  ): Promise<{ readonly code: Column; readonly returned: Column; readonly dataset: Dataset }> {
    const dataset = await arrived('b.csv', content, known);
    const table = await loadTable(dataset.ref, environment);
    return { code: columnOf(table, 'code'), returned: columnOf(table, 'returned'), dataset };
  }
});
