/** Files, names and configurations that nobody would wish for, met by the running whole. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createRandom } from '../../core/random.ts';
import { createApp, startWeb } from '../../web/app.ts';
import { createCommands } from '../../web/commands.ts';
import { createQueries } from '../../web/queries.ts';
import { parseDriftReport } from '../../web/stored-drift.ts';
import { createTemporalReader } from '../../web/temporal-reader.ts';
import { createTemporalWriter } from '../../web/temporal-writer.ts';
import { LIGHT_QUEUE, pipelineModels } from '../../workflows/contract.ts';
import { carriedState, openState } from '../../workflows/pipeline-state.ts';
import { feederOf, reportOf, type Feeder } from '../support/file-feeder.ts';
import {
  startProcesses,
  watchedPipeline,
  type TestInstallation,
  type WatchedPipeline,
} from '../support/installation.ts';
import { outcomesOf } from '../support/scenarios.ts';
import { columnsOf, SHOP, shoppers } from '../support/shoppers.ts';
import { startTestTemporal, type TestTemporal } from '../support/temporal.ts';

const temporal = await startTestTemporal();
const skip = typeof temporal === 'string' ? temporal : false;

const LABELS = { suffix: '-labels', key: 'id' };

const INCOME = 'in"come\n<img src=x onerror=alert(1)>';
const TARGET = 'cla\'ss,"of"';
const PROTO = '__proto__';
const ODD = { target: TARGET, estimator: { kind: 'forest', trees: 10 } };

describe('what nobody would wish for', { skip, concurrency: true }, () => {
  let calmops: Pick<TestInstallation, 'store' | 'stop'>;
  const pipelines = new Map<string, WatchedPipeline>();

  before(async () => {
    const server = temporal as TestTemporal;
    for (const [name, yaml] of Object.entries(YAMLS)) {
      pipelines.set(name, await watchedPipeline(server, { ...SHOP, ...yaml, name }));
    }
    calmops = await startProcesses(server, [...pipelines.values()]);
  });
  after(async () => {
    await calmops.stop();
    await (temporal as TestTemporal).stop();
  });

  test('a segment of a column that is not there ends the run, says so, and stops nothing', async () => {
    const files = feeder('segments');
    const run = await files.drop('1.csv', shoppers(1));
    assert.equal(run.outcome, 'invalid', run.reason);
    assert.match(run.reason, /gate\.segments, 'rich': .*'wealth'/);
    const { failure } = await reportOf(run, calmops.store);
    assert.equal(failure?.type, 'InvalidPipeline');
    const next = await files.drop('2.csv', shoppers(2, { labels: false }));
    assert.equal(next.outcome, 'withheld', next.reason);
  });

  test('files of labels that do not fit are invalid with the reason, the right ones still count', async () => {
    const files = feeder('labels');
    await files.drop('1.csv', shoppers(1));
    await files.drop('2.csv', shoppers(2, { labels: false }));
    const right = columnsOf(shoppers(2), ['id', 'buys']);
    const [header = '', first = '', ...others] = right.trimEnd().split('\n');
    const wrong: readonly (readonly [string, RegExp])[] = [
      ['', /empty|0 bytes/],
      [`${header}\n`, /no rows/],
      [`${header}\n${first}\n${first}\n`, /'id' s2-0 is in rows 1 and 2 of the labels/],
      [columnsOf(shoppers(7), ['id', 'buys']), /none of the 500 labels has a 'id'/],
      [columnsOf(shoppers(2), ['buys', 'region']), /no column 'id'; columns: buys, region/],
      [columnsOf(shoppers(2), ['id', 'region']), /no column 'buys'; columns: id, region/],
    ];
    for (const [content, reason] of wrong) {
      const run = await files.drop('2-labels.csv', content);
      assert.equal(run.outcome, 'invalid', run.reason);
      assert.match(run.reason, reason);
    }
    const more = [header, ...others, 'nobody,yes'].map((line) => `${line},7`).join('\n');
    const run = await files.drop('2-labels.csv', more.replace(',7', ',income'));
    assert.equal(run.outcome, 'kept', run.reason);
    const { late, dataset } = await reportOf(run, calmops.store);
    assert.equal(late?.evaluation.rows, 499, 'those with a label');
    assert.deepEqual([dataset?.rows, dataset?.columns], [500, 5]);
  });

  test('labels without any value are no labels', async () => {
    const files = feeder('blank');
    await files.drop('1.csv', shoppers(1));
    await files.drop('2.csv', shoppers(2, { labels: false }));
    const blank = columnsOf(shoppers(2), ['id', 'buys']).replaceAll(/,(yes|no)/g, ',');
    const run = await files.drop('2-labels.csv', blank);
    assert.equal(run.outcome, 'invalid', run.reason);
    assert.match(run.reason, /none of the 500 labels that belong to a row has a value in 'buys'/);
  });

  test('a reference file that never came is stood in for by the data of the training', async () => {
    const files = feeder('reference');
    await files.drop('1.csv', shoppers(1));
    const run = await files.drop('2.csv', shoppers(2, { moved: true, labels: false }));
    assert.equal(run.outcome, 'predicted', run.reason);
    const { drift } = await reportOf(run, calmops.store);
    assert.deepEqual(drift?.material, ['income']);
    assert.equal(drift.comparedWith, undefined);
  });

  test('a window of time needs the time column, in the pipeline and in the file', async () => {
    await assert.rejects(
      watchedPipeline(temporal as TestTemporal, {
        ...{ ...SHOP, name: 'timeless' },
        retrain: { mode: 'window', window: '7d' },
      }),
      /timeColumn/,
    );
    const files = feeder('window');
    const run = await files.drop('1.csv', shoppers(1));
    assert.equal(run.outcome, 'invalid', run.reason);
    assert.match(run.reason, /timeColumn: no column 'at'/);
  });

  test('a champion of a later version fails its runs with what can be read', async () => {
    const { client } = temporal as TestTemporal;
    const { config, pipeline, drop } = watched('later');
    const first = await feeder('later').drop('1.csv', shoppers(1));
    const { champion } = await pipeline.query(pipelineModels);
    assert.ok(champion !== null);
    const bytes = await calmops.store.get(champion.model.artefact.uri);
    bytes[8] = 9;
    const artefact = await calmops.store.put('models/later/model.bin', bytes);
    await pipeline.terminate();
    const state = openState(config);
    await client.workflow.start('monitorPipeline', {
      workflowId: pipeline.workflowId,
      taskQueue: LIGHT_QUEUE,
      args: [
        {
          config,
          carried: {
            ...carriedState(state),
            champion: { ...champion, model: { ...champion.model, artefact } },
          },
        },
      ],
    });
    await drop('2.csv', shoppers(2));
    const [run] = await outcomesOf(pipeline, 1);
    assert.equal(run?.outcome, 'failed', run?.reason);
    assert.match(run.reason, /model file of version 9; this CalmOps reads version 1/);
    assert.equal(run.championId, first.championId);
  });

  test('names of classes and columns are only names, in files, models, reports and pages', async () => {
    const files = feeder('odd');
    const first = await files.drop('1.csv', odd(1));
    assert.equal(first.outcome, 'trained', first.reason);
    const run = await files.drop('2.csv', odd(2, { moved: true }));
    assert.ok(['promoted', 'refused', 'kept'].includes(run.outcome), run.reason);
    const report = await reportOf(run, calmops.store);
    assert.ok(report.drift?.material.includes(INCOME), report.drift?.material.join());
    assert.deepEqual(report.evaluation?.champion.current.confusion?.classes, CLASSES);
    const stored = parseDriftReport(await calmops.store.get(report.drift?.report.uri ?? ''));
    assert.ok(stored.columns.some(({ name }) => name === PROTO));
    const predicted = await files.drop('3.csv', odd(3, { labels: false }));
    assert.equal(predicted.outcome, 'predicted', predicted.reason);
    for (const page of [
      '/pipelines/odd',
      '/pipelines/odd/models',
      `/pipelines/odd/runs/${run.sha256}`,
      `/pipelines/odd/runs/${predicted.sha256}`,
    ]) {
      assert.doesNotMatch(await pageAt(page), /<img src=x/, page);
    }
  });

  function watched(name: keyof typeof YAMLS): WatchedPipeline {
    const found = pipelines.get(name);
    assert.ok(found !== undefined);
    return found;
  }

  function feeder(name: keyof typeof YAMLS): Feeder {
    return feederOf(watched(name));
  }

  async function pageAt(address: string): Promise<string> {
    const { client } = temporal as TestTemporal;
    const queries = createQueries({
      temporal: createTemporalReader(client),
      store: calmops.store,
    });
    const app = createApp({
      queries,
      commands: createCommands(createTemporalWriter(client), queries),
      temporalUi: { base: 'http://127.0.0.1:8233', namespace: 'default' },
      allowedHosts: [],
      log: { error: (details, message) => assert.fail(`${message} ${JSON.stringify(details)}`) },
    });
    const web = await startWeb({ app, host: '127.0.0.1', port: 0 });
    try {
      const response = await fetch(new URL(address, web.url));
      assert.equal(response.status, 200, address);
      return await response.text();
    } finally {
      await web.close();
    }
  }
});

const YAMLS = {
  segments: {
    gate: { segments: [{ name: 'rich', where: 'wealth > 2' }] },
    retrain: { on: 'drift' },
  },
  labels: { labels: LABELS },
  blank: { labels: LABELS },
  reference: { detection: { reference: { kind: 'file', file: 'never.csv' } } },
  later: {},
  window: { timeColumn: 'at', retrain: { mode: 'window', window: '7d' } },
  odd: { ...ODD, task: undefined, ignore: [] },
};

const CLASSES = ['__proto__', 'constructor', 'toString'];

/** Whatever can be in a quoted cell: the class follows from the first column. */
function odd(
  seed: number,
  { moved = false, labels = true }: { readonly moved?: boolean; readonly labels?: boolean } = {},
): string {
  const random = createRandom(seed);
  const rows: string[][] = [[INCOME, PROTO, 'constructor', ...(labels ? [TARGET] : [])]];
  for (let i = 0; i < 400; i++) {
    const income = 3 * random();
    const place = ['hasOwnProperty', 'it\'s "here"\nor there', '</script>'][i % 3] ?? '';
    rows.push([
      (income + (moved ? 1 : 0)).toFixed(3),
      random().toFixed(3),
      place,
      ...(labels ? [CLASSES[Math.floor(income)] ?? ''] : []),
    ]);
  }
  const quoted = (cell: string): string => `"${cell.replaceAll('"', '""')}"`;
  return rows.map((row) => `${row.map(quoted).join(',')}\n`).join('');
}
