import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { z } from 'zod';
import { detectDrift as detectInTables } from '../../core/drift/detect.ts';
import type { DriftReport } from '../../core/drift/report.ts';
import { rateOfOneFile } from '../../core/drift/false-alarms.ts';
import { SUMMARY_VERSION } from '../../core/drift/summary/artefact.ts';
import { pipelineSchema, type PipelineConfig } from '../../pipelines/schema.ts';
import { getJson } from '../../store/json.ts';
import { environmentIn, ingested } from '../../test/support/in-process.ts';
import { loans } from '../../test/support/loans.ts';
import { createRecentTables } from '../datasets/recent-tables.ts';
import { detectDrift } from './detect-drift.ts';
import type { Environment } from '../environment.ts';
import { loadTable } from '../datasets/ingest.ts';

describe('detecting drift in stored datasets', () => {
  let folder: string;
  let config: PipelineConfig;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'calmops-detect-'));
    const yaml = { name: 'loans', files: { folder }, target: 'defaulted' };
    config = { ...pipelineSchema.parse(yaml), hooks: null };
  });
  after(() => rm(folder, { recursive: true, force: true }));

  async function environmentOf(name: string): Promise<Environment> {
    await mkdir(path.join(folder, name));
    return environmentIn(path.join(folder, name));
  }

  test('the report is that of the tables themselves', async () => {
    const environment = await environmentOf('same');
    const old = await ingested('old.csv', loans('old', 1), config, environment);
    const dataset = await ingested('new.csv', loans('new', 2), config, environment);
    const summary = await detectDrift(
      { config, dataset, reference: { id: 'm', reference: old.ref } },
      environment,
    );
    const { falseAlarmRate, horizon, minRows, effect } = config.detection;
    const expected = detectInTables(
      await loadTable(old.ref, environment),
      await loadTable(dataset.ref, environment),
      {
        falseAlarmRate: rateOfOneFile(falseAlarmRate, horizon),
        minRows,
        effect,
        target: config.target,
        ignore: config.ignore,
      },
    );
    const { uri } = summary.report;
    const anyReport = z.looseObject({ explanation: z.unknown() });
    const { explanation, ...numbers } = await getJson(environment.store, uri, anyReport);
    assert.deepEqual(numbers, JSON.parse(JSON.stringify(expected)));
    assert.match(JSON.stringify(explanation), /"name":"debt"/);
    assert.ok(summary.material.includes('debt'));
  });

  test('a reference is read with the first file only; then its stored summary stands for it', async () => {
    const environment = await environmentOf('once');
    const old = await ingested('old.csv', loans('old', 1), config, environment);
    const reference = { id: 'm', reference: old.ref };
    const first = await ingested('first.csv', loans('new', 2), config, environment);
    await detectDrift({ config, dataset: first, reference }, environment);
    assert.deepEqual(await environment.store.list('references/'), [
      `references/${old.ref.sha256}.v${SUMMARY_VERSION}.sum`,
    ]);
    await rm(await environment.store.localPath(old.ref.uri));
    const second = await ingested('second.csv', loans('new', 3), config, environment);
    const found = await detectDrift({ config, dataset: second, reference }, environment);
    assert.ok(found.material.includes('debt'));
    const again = await detectDrift({ config, dataset: second, reference }, environment);
    assert.deepEqual(again, found);
  });

  test('a stored summary that is damaged is made anew, and one bit is enough to notice', async () => {
    const environment = await environmentOf('damaged');
    const { store } = environment;
    const old = await ingested('old.csv', loans('old', 1), config, environment);
    const dataset = await ingested('new.csv', loans('new', 2), config, environment);
    const ask = { config, dataset, reference: { id: 'm', reference: old.ref } };
    const found = await detectDrift(ask, environment);
    const uri = `references/${old.ref.sha256}.v${SUMMARY_VERSION}.sum`;
    const sound = await store.get(uri);
    for (const damaged of [Buffer.from('CALMOPS'), Buffer.alloc(0), withOneBitTurned(sound)]) {
      await writeFile(await store.localPath(uri), damaged);
      assert.deepEqual(await detectDrift(ask, environment), found);
      assert.deepEqual(await store.get(uri), sound);
    }
  });

  test('where the data of the training are damaged as well, the model is', async () => {
    const environment = await environmentOf('lost');
    const old = await ingested('old.csv', loans('old', 1), config, environment);
    const dataset = await ingested('new.csv', loans('new', 2), config, environment);
    await rm(await environment.store.localPath(old.ref.uri));
    const ask = { config, dataset, reference: { id: 'm', reference: old.ref } };
    // Another process, which has not read them yet.
    const other = { ...environment, recentTables: createRecentTables() };
    await assert.rejects(detectDrift(ask, other), {
      name: 'DamagedModelError',
      message: /model m is damaged: nothing is stored under datasets/,
    });
  });

  test('rows that resemble their neighbours count as fewer, unless the pipeline has all of them count', async () => {
    const environment = await environmentOf('rows');
    // In the order of their income: the first column.
    const [header = '', ...rows] = loans('old', 1).trim().split('\n');
    const ordered = [header, ...rows.toSorted((a, b) => parseFloat(a) - parseFloat(b)), ''].join(
      '\n',
    );
    const old = await ingested('old.csv', ordered, config, environment);
    const dataset = await ingested('new.csv', loans('old', 2), config, environment);
    const dependent = async (counted: 'learned' | 'independent'): Promise<readonly string[]> => {
      const own = { ...config, detection: { ...config.detection, rows: counted } };
      const reference = { id: 'm', reference: old.ref };
      const { report } = await detectDrift({ config: own, dataset, reference }, environment);
      const bytes = await environment.store.get(report.uri);
      const { columns } = JSON.parse(new TextDecoder().decode(bytes)) as DriftReport;
      return columns.flatMap(({ name, dependence }) => (dependence === undefined ? [] : [name]));
    };
    assert.ok((await dependent('learned')).includes('income'));
    assert.deepEqual(await dependent('independent'), []);
  });

  test('the rule of CalmOps for Python names what drifted, by its own tests, and nothing else', async () => {
    const environment = await environmentOf('rule');
    const rule: PipelineConfig = {
      ...config,
      detection: { ...config.detection, rule: 'calmops' },
    };
    // 600 rows in no order: `debt` even or bent, every third or every second `home` rented.
    const rows = (bent: boolean, rented: number): string =>
      Array.from({ length: 600 }, (_, i) => {
        const share = ((i * 257) % 600) / 600;
        const debt = bent ? share * share : share;
        return `${debt.toFixed(4)},${(Math.sin(i) + 1).toFixed(4)},${i % rented === 0 ? 'rent' : 'own'},${i % 7 === 0 ? 1 : 0}`;
      }).join('\n');
    const file = (bent: boolean, rented: number): string =>
      `debt,age,home,defaulted\n${rows(bent, rented)}\n`;
    const old = await ingested('old.csv', file(false, 3), rule, environment);
    const detect = async (name: string, text: string) => {
      const dataset = await ingested(name, text, rule, environment);
      const reference = { id: 'm', reference: old.ref };
      const found = await detectDrift({ config: rule, dataset, reference }, environment);
      const bytes = await environment.store.get(found.report.uri);
      return { found, report: JSON.parse(new TextDecoder().decode(bytes)) as DriftReport };
    };
    const calm = await detect('calm.csv', file(false, 3).replace('0.0000,', '0.0001,'));
    assert.deepEqual(calm.found.material, []);
    const { found, report } = await detect('bent.csv', file(true, 2));
    assert.deepEqual(found.material.toSorted(), ['debt', 'home']);
    const testsOf = (name: string): readonly string[] => {
      const outcome = report.columns.find((column) => column.name === name)?.outcome;
      return outcome?.kind === 'tested' ? outcome.changes.map(({ test: by }) => by) : [];
    };
    assert.deepEqual(testsOf('debt'), ['Kolmogorov–Smirnov', 'Mann–Whitney U']);
    assert.deepEqual(testsOf('home'), ['χ² homogeneity']);
    assert.equal(report.together, null);
  });

  test('a dataset that was changed after it was stored is refused', async () => {
    const environment = await environmentOf('changed');
    const old = await ingested('old.csv', loans('old', 1), config, environment);
    const ask = { config, dataset: old, reference: { id: 'm', reference: old.ref } };
    await writeFile(await environment.store.localPath(old.ref.uri), 'other bytes');
    // Another process, which has not read it yet.
    const other = { ...environment, recentTables: createRecentTables() };
    await assert.rejects(detectDrift(ask, other), /was changed after it was stored/);
  });
});

function withOneBitTurned(bytes: Uint8Array): Uint8Array {
  const turned = Uint8Array.from(bytes);
  const middle = Math.floor(turned.length / 2);
  turned[middle] = (turned[middle] ?? 0) ^ 1;
  return turned;
}
