import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pipelineSchema, type PipelineConfig } from '../../pipelines/schema.ts';
import { computeIn, environmentIn, ingested } from '../../test/support/in-process.ts';
import { loans } from '../../test/support/loans.ts';
import type { Dataset, ModelRef } from '../../workflows/contract.ts';
import type { Work } from '../work.ts';
import type { Environment } from '../environment.ts';
import { evaluateChampion } from './evaluate-champion.ts';
import { trainOnThreads } from '../training/train-on-threads.ts';

describe('what a champion’s files are compared with', () => {
  let folder: string;
  let environment: Environment;
  let first: Dataset;
  let champion: ModelRef;
  const config: PipelineConfig = {
    ...pipelineSchema.parse({
      name: 'loans',
      files: { folder: 'in' },
      target: 'defaulted',
      estimator: { kind: 'logistic' },
    }),
    hooks: null,
  };

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'calmops-baseline-'));
    environment = environmentIn(folder);
    first = await dataset('old', 1);
    const input = { config, dataset: first, parent: null, mode: 'full', refusal: null } as const;
    champion = await trainOnThreads(input, computeIn(environment), quiet());
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const dataset = (kind: 'old' | 'new', seed: number): Promise<Dataset> =>
    ingested(`${kind}-${seed}.csv`, loans(kind, seed, { rows: 80 }), config, environment);

  const evaluated = async (
    file: Dataset,
    sequence?: number,
    asked: PipelineConfig = config,
  ): Promise<Awaited<ReturnType<typeof evaluateChampion>>['champion']> => {
    const position = sequence === undefined ? {} : { sequence };
    const input = { config: asked, dataset: file, champion, previous: null, ...position };
    return (await evaluateChampion(input, environment)).champion;
  };

  test('grows by the files that come in order, and tells a run that asks twice the same', async () => {
    const files = [await dataset('old', 2), await dataset('old', 3), await dataset('old', 4)];
    const [a, b, c] = [
      await evaluated(files[0]!, 2),
      await evaluated(files[1]!, 3),
      await evaluated(files[2]!, 4),
    ];
    assert.deepEqual(a.baselineOf, { heldOut: 24, files: 0, fileRows: 0 });
    assert.deepEqual(b.baselineOf, { heldOut: 24, files: 1, fileRows: 80 });
    assert.deepEqual(c.baselineOf, { heldOut: 24, files: 2, fileRows: 160 });
    const right = ({ rows, metrics }: typeof a.current): number => rows * metrics.accuracy!;
    const expected = (right(a.baseline) + right(a.current) + right(b.current)) / 184;
    assert.ok(Math.abs(c.baseline.metrics.accuracy! - expected) < 1e-12);
    assert.deepEqual(await evaluated(files[1]!, 3), b, 'what came later is not known to it');
  });

  test('leaves a file out of what that file is compared with, and does not take it twice', async () => {
    const again = await evaluated(await dataset('old', 3), 5);
    assert.deepEqual(again.baselineOf, { heldOut: 24, files: 2, fileRows: 160 });
    const next = await evaluated(await dataset('old', 5), 6);
    assert.deepEqual(next.baselineOf, { heldOut: 24, files: 3, fileRows: 240 });
  });

  test('does not take a file that the champion was trained on', async () => {
    await evaluated(first, 7);
    const next = await evaluated(await dataset('old', 6), 8);
    assert.deepEqual(next.baselineOf, { heldOut: 24, files: 4, fileRows: 320 });
  });

  test('takes the rows of a file once, however often labels for them come', async () => {
    const file = await dataset('old', 20);
    const labels = (sha256: string, of: Dataset): Dataset => {
      const labelsFor = { fileName: of.fileName, sha256: of.sha256 };
      return { ...of, fileName: `labels-${of.fileName}`, sha256, labelsFor };
    };
    // Evaluations with another confidence are another baseline.
    const other = { ...config, gate: { ...config.gate, confidence: 0.9 } };
    const late = labels('a'.repeat(64), file);
    const corrected = labels('b'.repeat(64), file);
    await evaluated(late, 2, other);
    const again = await evaluated(corrected, 3, other);
    assert.deepEqual(again.baselineOf, { heldOut: 24, files: 0, fileRows: 0 }, 'its own rows');
    await evaluated(labels('c'.repeat(64), first), 4, other);
    const next = await evaluated(await dataset('old', 21), 5, other);
    assert.deepEqual(next.baselineOf, { heldOut: 24, files: 1, fileRows: 80 });
  });

  test('does not take a file on which the champion is worse beyond doubt', async () => {
    const harmed = await evaluated(await dataset('new', 7), 9);
    assert.ok(harmed.pValue < 0.001, `${harmed.pValue}`);
    const next = await evaluated(await dataset('old', 8), 10);
    assert.deepEqual(next.baselineOf, { heldOut: 24, files: 5, fileRows: 400 });
  });

  test('stays as it is once ten files have joined', async () => {
    for (let seed = 9; seed <= 14; seed++) await evaluated(await dataset('old', seed), seed + 2);
    const late = await evaluated(await dataset('old', 15), 17);
    assert.deepEqual(late.baselineOf, { heldOut: 24, files: 10, fileRows: 800 });
  });

  test('is the held-out rows alone for a run whose position is not known', async () => {
    const found = await evaluated(await dataset('old', 16));
    assert.deepEqual(found.baselineOf, { heldOut: 24, files: 0, fileRows: 0 });
  });
});

const quiet = (): Work => ({ signal: new AbortController().signal, report: () => undefined });
