import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { z } from 'zod';
import { createRandom } from '../../core/random.ts';
import { pipelineSchema, type PipelineConfig } from '../../pipelines/schema.ts';
import { getJson } from '../../store/json.ts';
import { computeIn, environmentIn, ingested } from '../../test/support/in-process.ts';
import { estimatedIn } from '../../test/support/estimated.ts';
import { loans } from '../../test/support/loans.ts';
import type { ComputeActivities, Dataset, ModelRef } from '../../workflows/contract.ts';
import type { Work } from '../work.ts';
import type { Environment } from '../environment.ts';
import { examine as examineFile } from './examine.ts';
import { trainOnThreads } from '../training/train-on-threads.ts';

type Found = Awaited<ReturnType<ComputeActivities['examine']>>;

describe('examining a file', () => {
  let folder: string;
  const configOf = (fields: object): PipelineConfig => ({
    ...pipelineSchema.parse({
      name: 'loans',
      files: { folder: 'in' },
      target: 'defaulted',
      ...fields,
    }),
    hooks: null,
  });
  const config = configOf({});
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'calmops-examine-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  test('with labels follows the errors and takes the change apart', async () => {
    const { environment, champion } = await trained('labelled', config);
    const file = loans('old', 2, { rows: 600 }) + withoutHeader(loans('new', 3, { rows: 600 }));
    const dataset = await ingested('new.csv', file, config, environment);
    const { evaluation, estimated, drift } = await examine(dataset, champion, config, environment);
    assert.equal(estimated, undefined);
    const { errors, kinds } = evaluation!;
    assert.equal(errors!.detector, 'ADWIN');
    assert.ok(Math.abs(errors!.onset!.row - 601) < 40, `${errors!.onset!.row}`);
    assert.ok(errors!.changes >= 1);
    assert.equal(kinds!.concept?.changed, true);
    assert.match(kinds!.words, /outcomes follow from inputs in another way\.$/);
    const report = new TextDecoder().decode(await environment.store.get(drift.report.uri));
    const { explanation } = JSON.parse(report) as {
      explanation: { columns: { onset: { row: number } }[] };
    };
    assert.ok(Math.abs(explanation.columns[0]!.onset.row - 601) < 60);
  });

  test('takes a column of numbers that lost all values for a change of the inputs', async () => {
    const { environment, champion } = await trained('emptied', config);
    const [header = '', ...rows] = loans('old', 2, { rows: 600 }).trimEnd().split('\n');
    const at = header.split(',').indexOf('income');
    const emptied = rows.map((row) => row.split(',').with(at, '').join(','));
    const file = [header, ...emptied].join('\n');
    const dataset = await ingested('emptied.csv', file, config, environment);
    const { evaluation, drift } = await examine(dataset, champion, config, environment);
    assert.ok(drift.material.includes('income'));
    assert.equal(evaluation!.kinds!.covariate.changed, true);
  });

  test('does not watch the errors of a pipeline that wants no detector', async () => {
    const quiet = configOf({ detection: { stream: 'none' } });
    const { environment, champion } = await trained('quiet', quiet);
    const dataset = await ingested('new.csv', loans('old', 2), quiet, environment);
    const { evaluation } = await examine(dataset, champion, quiet, environment);
    assert.equal(evaluation!.errors, undefined);
  });

  test('without labels estimates the metric, by what was learned once', async () => {
    const { environment, champion } = await trained('unlabelled', config);
    const calm = await ingested(
      'calm.csv',
      loans('old', 5, { target: false }),
      config,
      environment,
    );
    const first = await examine(calm, champion, config, environment);
    assert.equal(first.evaluation, null);
    const { method, baseline, pValue } = estimatedIn(first);
    assert.equal(method, 'CBPE');
    assert.equal(baseline, champion.score.value);
    assert.ok(pValue > 0.025);
    const stored = await environment.store.list(`models/${champion.id}/estimator.`);
    assert.equal(stored.length, 1);
    assert.deepEqual(await examine(calm, champion, config, environment), first);
    assert.deepEqual(await environment.store.list(`models/${champion.id}/estimator.`), stored);
  });

  test('without labels estimates the error of a regression by models of it that survive storage', async () => {
    const regression = configOf({ target: 'y', estimator: { kind: 'linear' } });
    const { environment, champion } = await trained('regression', regression, numbers(1, 900));
    const calm = await ingested('calm.csv', numbers(2, 400, 0, 'late'), regression, environment);
    const harder = await ingested(
      'harder.csv',
      numbers(3, 400, 0.5, 'late'),
      regression,
      environment,
    );
    const first = await examine(calm, champion, regression, environment);
    assert.equal(estimatedIn(first).method, 'DLE');
    const same = await examine(calm, champion, regression, environment);
    assert.deepEqual(same.estimated, first.estimated);
    const worse = await examine(harder, champion, regression, environment);
    const { drop, pValue } = estimatedIn(worse);
    assert.ok(drop > 0 && pValue < 0.01);
  });

  test('without labels says that too little was held out, and keeps how little it was', async () => {
    const { environment, champion } = await trained('few', config, loans('old', 1, { rows: 300 }));
    const calm = await ingested(
      'calm.csv',
      loans('old', 5, { target: false }),
      config,
      environment,
    );
    const learned = await examine(calm, champion, config, environment);
    const read = await examine(calm, champion, config, environment);
    const few = {
      kind: 'not estimated',
      reason: '90 of the rows held out of its training can be learned from, 100 are needed',
    };
    assert.deepEqual([learned.estimated, read.estimated], [few, few]);
    const [uri] = await environment.store.list(`models/${champion.id}/estimator.`);
    const stored = await getJson(environment.store, uri!, z.looseObject({}));
    const estimator = { kind: 'insufficient', n: 90, required: 100 };
    assert.deepEqual(stored, { version: 2, estimator });
  });

  test('does not estimate a champion whose held-out rows cannot be told any more', async () => {
    const { environment, champion } = await trained('changed', config);
    const other = configOf({ gate: { holdout: 0.4 } });
    const calm = await ingested('calm.csv', loans('old', 5, { target: false }), other, environment);
    assert.deepEqual((await examine(calm, champion, other, environment)).estimated, {
      kind: 'not estimated',
      reason: 'it is not known any more which rows were held out of its training',
    });
    const labelled = await ingested('labelled.csv', loans('old', 6), other, environment);
    assert.equal((await examine(labelled, champion, other, environment)).evaluation!.kinds, null);
  });

  test('counts votes where the pipeline asks for the rule of CalmOps for Python', async () => {
    const rule = configOf({ detection: { rule: 'calmops' }, thresholds: { accuracy: 0.3 } });
    const { environment, champion } = await trained('rule', rule);
    const first = await ingested('first.csv', loans('new', 7), rule, environment);
    const input = {
      config: rule,
      dataset: first,
      parent: null,
      mode: 'full',
      refusal: null,
    } as const;
    const previous = await trainOnThreads(input, computeIn(environment), quiet());
    const file = await ingested('new.csv', loans('new', 8), rule, environment);
    const alone = (await examine(file, champion, rule, environment)).evaluation!.degradation!;
    assert.equal(alone.relative, null);
    assert.deepEqual(
      alone.absolute.votes.map(({ metric, limit, flagged }) => [metric, limit, flagged]),
      [
        ['accuracy', 0.3, false],
        ['balancedAccuracy', 0.9, true],
        ['f1', 0.9, true],
      ],
    );
    const { degradation, champion: scores } = (
      await examine(file, champion, rule, environment, previous)
    ).evaluation!;
    assert.deepEqual(degradation!.absolute, alone.absolute);
    const { votes, degraded } = degradation!.relative!;
    assert.deepEqual(
      votes.map(({ metric, value }) => [metric, value]),
      (['accuracy', 'balancedAccuracy', 'f1'] as const).map((metric) => [
        metric,
        scores.current.metrics[metric],
      ]),
    );
    assert.ok(degraded && votes[0]!.previous! > 0.8, JSON.stringify(votes));
    const same = await examine(file, champion, config, environment, previous);
    assert.equal(same.evaluation!.degradation, undefined);
    const known = await examine(first, champion, rule, environment, previous);
    assert.ok(known.evaluation!.degradation!.relative, 'on the rows held out of a file it knows');
  });

  async function trained(
    name: string,
    of: PipelineConfig,
    content = loans('old', 1, { rows: 900 }),
  ): Promise<{ environment: Environment; champion: ModelRef }> {
    await mkdir(path.join(folder, name));
    const environment = environmentIn(path.join(folder, name));
    const dataset = await ingested('first.csv', content, of, environment);
    const input = { config: of, dataset, parent: null, mode: 'full', refusal: null } as const;
    const champion = await trainOnThreads(input, computeIn(environment), quiet());
    return { environment, champion };
  }

  function examine(
    dataset: Dataset,
    champion: ModelRef,
    of: PipelineConfig,
    environment: Environment,
    previous: ModelRef | null = null,
  ): Promise<Found> {
    const input = { config: of, dataset, champion, previous };
    return examineFile(input, environment);
  }
});

const quiet = (): Work => ({ signal: new AbortController().signal, report: () => undefined });

const withoutHeader = (csv: string): string => csv.slice(csv.indexOf('\n') + 1);

/** Errors grow with x. */
function numbers(
  seed: number,
  rows: number,
  shift = 0,
  labels: 'early' | 'late' = 'early',
): string {
  const random = createRandom(seed);
  const lines = Array.from({ length: rows }, () => {
    const x = random() + shift;
    const noise = (random() + random() - 1) * (0.2 + 2 * x);
    return labels === 'late' ? x.toFixed(5) : `${x.toFixed(5)},${(3 * x + noise).toFixed(5)}`;
  });
  return `${labels === 'late' ? 'x' : 'x,y'}\n${lines.join('\n')}\n`;
}
