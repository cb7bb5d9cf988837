import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { openLocalStore } from '../store/local-store.ts';
import { reportUri, type DatasetFile, type RunOutcome } from '../workflows/contract.ts';
import { decisionTable } from './decision-table.ts';
import {
  OutcomeMissingError,
  runFiles,
  UnreadableFileError,
  type FileOutcome,
} from './run-files.ts';
import { exitCodeOf, type Outcome } from './run-outcome.ts';

test('files are handed over in the given order and their outcomes come back in it', async (t) => {
  const world = await makeWorld(t);
  const paths = [await world.write('b.csv', 'b'), await world.write('a.csv', 'a')];
  const outcomes = await world.run(paths);
  assert.deepEqual(
    world.handed.map(({ name }) => name),
    ['b.csv', 'a.csv'],
  );
  assert.deepEqual(
    outcomes.map(({ file, outcome, known }) => [file.name, outcome.outcome, known]),
    [
      ['b.csv', 'kept', false],
      ['a.csv', 'kept', false],
    ],
  );
});

test('a file whose content has an outcome is not run again', async (t) => {
  const world = await makeWorld(t);
  await world.record('seen', 'promoted');
  const outcomes = await world.run([await world.write('new-name.csv', 'seen')]);
  assert.equal(world.handed.length, 0);
  assert.equal(outcomes[0]?.known, true);
  assert.equal(outcomes[0].outcome.outcome, 'promoted');
});

test('a file whose outcome says nothing final of it is run again, and its new outcome is told', async (t) => {
  const world = await makeWorld(t);
  for (const kind of ['invalid', 'failed', 'cancelled', 'gone'] as const) {
    await world.record(kind, kind);
    const [told] = await world.run([await world.write(`${kind}.csv`, kind)]);
    assert.deepEqual([told?.outcome.outcome, told?.known], ['kept', false], kind);
    assert.equal(world.handed.at(-1)?.rerunOf, 0);
  }
});

test('two files with the same content are one run, told for both', async (t) => {
  const world = await makeWorld(t);
  const paths = [await world.write('a.csv', 'same'), await world.write('b.csv', 'same')];
  const outcomes = await world.run(paths);
  assert.deepEqual(
    outcomes.map(({ file }) => file.name),
    ['a.csv', 'b.csv'],
  );
});

test('a file that cannot be read is said before anything is started', async (t) => {
  const world = await makeWorld(t);
  const paths = [await world.write('a.csv', 'a'), path.join(world.folder, 'absent.csv')];
  await assert.rejects(world.run(paths), (error) => {
    assert.ok(error instanceof UnreadableFileError);
    assert.match(error.message, /absent\.csv/);
    return true;
  });
  assert.equal(world.handed.length, 0);
});

test('a file that the pipeline lost is handed over again', async (t) => {
  const world = await makeWorld(t);
  world.lose('a.csv', 1);
  const [end] = await world.run([await world.write('a.csv', 'a')]);
  assert.equal(end?.outcome.outcome, 'kept');
  assert.equal(world.handed.length, 2);
});

test('an outcome that will not come is an error, not a wait without end', async (t) => {
  const world = await makeWorld(t);
  world.lose('a.csv', 9);
  await assert.rejects(world.run([await world.write('a.csv', 'a')]), (error) => {
    assert.ok(error instanceof OutcomeMissingError);
    assert.match(error.message, /'sales' has nothing to do and says that it had a\.csv/);
    return true;
  });
});

test('the exit code is 0 without drift, 2 with it, 1 when something went wrong', () => {
  assert.equal(exitCodeOf([outcome('trained'), outcome('kept'), outcome('predicted')]), 0);
  for (const drifted of ['promoted', 'refused', 'withheld', 'rolled back'] as const) {
    assert.equal(exitCodeOf([outcome('kept'), outcome(drifted)]), 2, drifted);
  }
  assert.equal(exitCodeOf([{ ...outcome('kept'), materialCount: 1 }]), 2);
  for (const broken of ['invalid', 'failed', 'cancelled'] as const) {
    assert.equal(exitCodeOf([outcome('promoted'), outcome(broken)]), 1, broken);
  }
});

test('the table has a row for each file, with the reason and a link into the Temporal UI', () => {
  const table = decisionTable(
    [
      {
        file: datasetFile('january.csv', 'x'),
        outcome: { ...outcome('promoted'), rows: 31, driftScore: 0.5, reason: 'It was better.' },
        known: true,
      },
    ],
    { base: 'http://127.0.0.1:8233', namespace: 'default' },
  );
  assert.match(table, /january\.csv +promoted \(before\) +31 +0\.50 +accuracy 0\.912/);
  assert.match(table, /It was better\./);
  assert.ok(
    table.includes('http://127.0.0.1:8233/namespaces/default/workflows/dataset%2Fsales%2Fabc'),
  );
});

interface World {
  readonly folder: string;
  readonly handed: readonly DatasetFile[];
  write(name: string, content: string): Promise<string>;
  /** a file of this name comes to nothing so many times */
  lose(name: string, times: number): void;
  /** puts a report into the store, as a run does */
  record(content: string, outcome: RunOutcome): Promise<void>;
  run(paths: readonly string[]): Promise<readonly FileOutcome[]>;
}

async function makeWorld(t: TestContext): Promise<World> {
  const folder = await mkdtemp(path.join(tmpdir(), 'calmops-start-'));
  t.after(() => rm(folder, { recursive: true }));
  const store = openLocalStore(path.join(folder, 'store'));
  const handed: DatasetFile[] = [];
  const losses = new Map<string, number>();
  const publish = async (hash: string, kind: RunOutcome, revision = 0): Promise<void> => {
    const { materialCount, ...summary } = outcome(kind);
    const finishedAt = '2026-01-01T00:00:00.000Z';
    const file = { name: 'a.csv', path: '/a.csv', sha256: hash, bytes: 1, arrivedAt: finishedAt };
    const report = {
      file,
      summary: { ...summary, fileName: 'a.csv', revision, finishedAt },
      drift: { materialCount },
    };
    const bytes = new TextEncoder().encode(JSON.stringify(report));
    await store.put(reportUri('sales', hash, revision), bytes);
  };
  return {
    folder,
    handed,
    lose: (name, times) => losses.set(name, times),
    write: async (name, content) => {
      const file = path.join(folder, name);
      await writeFile(file, content);
      return file;
    },
    record: (content, kind) => publish(sha256(content), kind),
    run: (paths) =>
      runFiles({
        pipeline: 'sales',
        paths,
        store,
        hand: async (files) => {
          handed.push(...files);
          for (const { name, sha256: hash, rerunOf } of files) {
            const left = losses.get(name) ?? 0;
            if (left > 0) losses.set(name, left - 1);
            else await publish(hash, 'kept', rerunOf === undefined ? 0 : rerunOf + 3);
          }
        },
        onWaiting: () => Promise.resolve(true),
        remarkMs: 1,
        signal: new AbortController().signal,
      }),
  };
}

function outcome(kind: RunOutcome): Outcome {
  return {
    workflowId: 'dataset/sales/abc',
    outcome: kind,
    reason: 'Because.',
    rows: null,
    driftScore: null,
    metric: { name: 'accuracy', value: 0.912 },
    materialCount: 0,
  };
}

function datasetFile(name: string, content: string): DatasetFile {
  return { name, path: `/${name}`, sha256: sha256(content), bytes: 1, arrivedAt: '' };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
