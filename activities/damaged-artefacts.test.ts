/** Each kind of artefact in the store is damaged in each way, and then the next file arrives. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { pipelineSchema, type PipelineConfig } from '../pipelines/schema.ts';
import { checkStore } from '../store/check-store.ts';
import { kindOf, type ArtefactKind } from '../store/layout.ts';
import { environmentIn } from '../test/support/in-process.ts';
import { runPipeline, type FileRun, type LivedPipeline } from '../test/support/lived-pipeline.ts';
import { loans } from '../test/support/loans.ts';
import { columnsOf, SHOP, shoppers } from '../test/support/shoppers.ts';
import { openLocalStore } from '../store/local-store.ts';
import { carriedState, openState } from '../workflows/pipeline-state.ts';
import type { RunSummary } from '../workflows/contract.ts';
import { createRecentTables } from './datasets/recent-tables.ts';
import { createLightActivities } from './create-light-activities.ts';

/** The bytes are others. */
const DAMAGES = ['bit', 'half', 'empty'] as const;
/** There are no bytes. */
const LOSSES = ['deleted', 'folder'] as const;
const WAYS = [...DAMAGES, ...LOSSES] as const;
type Way = (typeof WAYS)[number];

/** A pipeline in which artefacts of one kind are damaged, one way after the other. */
interface Row {
  readonly yaml: Readonly<Record<string, unknown>>;
  /** Brings files, so that what is to be damaged is there. @returns what to damage, by what its uri has in it */
  readonly bring: (pipeline: Lived, day: number) => Promise<string>;
  /** Brings the file that meets the damage. */
  readonly next: (pipeline: Lived, day: number) => Promise<FileRun>;
  /** what the run says of bytes that are others, and of none; null: nothing, as it goes on without loss or cannot know */
  readonly says: { readonly damaged: RegExp | null; readonly lost: RegExp | null };
  /** whether the artefact is sound afterwards without anybody's help */
  readonly heals: boolean;
}

interface Lived extends LivedPipeline {
  /** a run that the row remembers from `bring` to `next` */
  remembered: FileRun | null;
}

const LABELS = { ...SHOP, labels: { suffix: '-labels', key: 'id' } };
const labelsOf = (seed: number): string => columnsOf(shoppers(seed), ['id', 'buys']);
const ANEW_OF_REPORT = /Damage in the store, noticed first at 2\S+Z: .*made anew of the report/;

const kept = (pipeline: Lived, day: number): Promise<FileRun> =>
  pipeline.drop(`next-${day}.csv`, shoppers(day + 50));
const ofChampion = async (pipeline: Lived, day: number): Promise<string> => {
  if (day === 1) await pipeline.drop('first.csv', shoppers(40));
  return pipeline.champion().id;
};
const unlabelled = async (pipeline: Lived, day: number): Promise<FileRun> => {
  if (day === 1) await pipeline.drop('first.csv', shoppers(40));
  return (pipeline.remembered = await pipeline.drop(
    `u-${day}.csv`,
    shoppers(day + 50, { labels: false }),
  ));
};
const itsLabels = (pipeline: Lived, day: number): Promise<FileRun> =>
  pipeline.drop(`u-${day}-labels.csv`, labelsOf(day + 50));
const retrained = async (pipeline: Lived, day: number): Promise<string> => {
  if (day === 1) await pipeline.drop('1.csv', loans('old', 1));
  if (day === 1) await pipeline.drop('2.csv', loans('new', 2), true);
  return '';
};
const turn = (pipeline: Lived, day: number): Promise<FileRun> =>
  pipeline.drop(`turn-${day}.csv`, loans(day % 2 === 1 ? 'old' : 'new', day + 10), true);
const REPLAY = {
  target: 'defaulted',
  estimator: { kind: 'logistic' },
  retrain: { mode: 'replay', fallback: 'none' },
};
const DRAWN_ANEW = /Damage in the store.*sample of the past was drawn anew/;

/**
 * A kind that is forgotten here does not compile. Pages and states are met when a pipeline begins: see below. A configuration that is
 * lost is waited for, whatever the file: see `starter/keep-configuration.test.ts`.
 */
const ROWS: Readonly<Record<Exclude<ArtefactKind, 'page' | 'state' | 'config'>, Row>> = {
  dataset: {
    yaml: SHOP,
    bring: async (pipeline, day) => {
      if (day === 1) await pipeline.drop('first.csv', shoppers(40));
      // With it the summary of the reference comes, without which the champion would be damaged as a whole.
      if (day === 1) await pipeline.drop('second.csv', shoppers(41));
      return pipeline.champion().reference.uri;
    },
    next: kept,
    says: {
      damaged:
        /datasets\/.* sha256 .*for want of the data of first\.csv\. Put it back from a backup/,
      lost: /datasets\/.*for want of the data of first\.csv\. Put it back from a backup/,
    },
    heals: false,
  },
  summary: {
    yaml: SHOP,
    bring: async (pipeline, day) => {
      if (day === 1) {
        await pipeline.drop('first.csv', shoppers(40));
        await pipeline.drop('second.csv', shoppers(41));
      }
      return pipeline.champion().reference.sha256;
    },
    next: kept,
    says: {
      damaged: /references\/.* is not what was stored\. It was made anew of its data/,
      lost: null,
    },
    heals: true,
  },
  model: {
    yaml: SHOP,
    bring: ofChampion,
    next: kept,
    says: {
      damaged: /model \S+ is damaged: /,
      lost: /model \S+ is damaged: /,
    },
    heals: false,
  },
  card: {
    yaml: SHOP,
    bring: ofChampion,
    next: kept,
    says: {
      damaged: /model \S+ is damaged: .*card\.json/,
      lost: /model \S+ is damaged: .*card\.json/,
    },
    heals: false,
  },
  reservoir: {
    yaml: REPLAY,
    bring: retrained,
    next: turn,
    says: { damaged: DRAWN_ANEW, lost: null },
    heals: false,
  },
  reservoirRows: {
    yaml: REPLAY,
    bring: retrained,
    next: turn,
    says: { damaged: DRAWN_ANEW, lost: DRAWN_ANEW },
    heals: false,
  },
  baseline: {
    yaml: SHOP,
    bring: async (pipeline, day) => {
      const id = await ofChampion(pipeline, day);
      if (day === 1) await pipeline.drop('second.csv', shoppers(41));
      return id;
    },
    next: kept,
    says: { damaged: ANEW_OF_REPORT, lost: null },
    heals: false,
  },
  estimator: {
    yaml: SHOP,
    bring: async (pipeline, day) => {
      await unlabelled(pipeline, day);
      return ofChampion(pipeline, 0);
    },
    next: (pipeline, day) =>
      pipeline.drop(`next-${day}.csv`, shoppers(day + 70, { labels: false })),
    says: { damaged: /estimator\..*It is learned anew from the rows held out/, lost: null },
    heals: true,
  },
  drift: {
    yaml: SHOP,
    bring: async (pipeline, day) => {
      if (day === 1) await pipeline.drop('first.csv', shoppers(40));
      pipeline.remembered = await kept(pipeline, day);
      return pipeline.remembered.report.drift?.report.uri ?? '';
    },
    next: async (pipeline) => {
      assert.ok(pipeline.remembered !== null);
      return pipeline.again(pipeline.remembered);
    },
    says: { damaged: null, lost: null },
    heals: true,
  },
  predictions: {
    yaml: LABELS,
    bring: async (pipeline, day) => (await unlabelled(pipeline, day)).file.sha256,
    next: itsLabels,
    says: {
      damaged: /predictions\/.*predicted the rows once more/,
      lost: /predictions\/.*predicted the rows once more/,
    },
    heals: false,
  },
  report: {
    yaml: LABELS,
    bring: async (pipeline, day) => (await unlabelled(pipeline, day)).file.sha256,
    next: itsLabels,
    says: {
      damaged: /the report of the run that predicted is damaged/,
      lost: null,
    },
    heals: false,
  },
  arrival: {
    yaml: LABELS,
    bring: async (pipeline, day) => (await unlabelled(pipeline, day)).file.sha256,
    next: itsLabels,
    says: { damaged: ANEW_OF_REPORT, lost: null },
    heals: false,
  },
  sequel: {
    yaml: LABELS,
    bring: async (pipeline, day) => {
      const { sha256 } = (await unlabelled(pipeline, day)).file;
      await itsLabels(pipeline, day);
      return sha256;
    },
    next: (pipeline, day) => pipeline.drop(`next-${day}.csv`, shoppers(day + 70)),
    says: { damaged: null, lost: null },
    heals: false,
  },
  waiting: {
    yaml: LABELS,
    bring: async (pipeline, day) => {
      if (day === 1) await pipeline.drop('first.csv', shoppers(40));
      return (await itsLabels(pipeline, day)).file.sha256;
    },
    next: unlabelled,
    says: { damaged: ANEW_OF_REPORT, lost: null },
    heals: false,
  },
};

describe('the next file, after what the store has was damaged', () => {
  for (const [kind, row] of Object.entries(ROWS)) {
    for (const way of WAYS) {
      test(`is processed, and says it: ${kind}, ${way}`, (t) => meetsDamage(kind, row, way, t));
    }
  }
});

async function meetsDamage(kind: string, row: Row, way: Way, t: TestContext): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'damaged-artefacts-'));
  t.after(() => rm(folder, { recursive: true }));
  // Nothing is remembered from one run to the next, as in another process.
  const environment = { ...environmentIn(folder), recentTables: createRecentTables(0) };
  const { store } = environment;
  const placeOf = (uri: string): string => path.join(folder, 'store', uri);
  const lived: Lived = {
    ...runPipeline(configOf(row.yaml), environment),
    remembered: null,
  };
  const part = await row.bring(lived, 1);
  const uris = await store.list('');
  assert.deepEqual(
    uris.filter((uri) => kindOf(uri) === null),
    [],
    'the store holds nothing of a kind that nobody damages',
  );
  assert.deepEqual(await checkStore(store), []);
  const damaged = uris.filter((uri) => kindOf(uri) === kind && uri.includes(part));
  assert.ok(damaged.length > 0, `nothing of the kind ${kind} to damage`);
  const sound = new Map<string, Uint8Array>();
  for (const uri of damaged) sound.set(uri, await damage(placeOf(uri), way));
  if (!LOSSES.some((each) => each === way)) {
    const found = await checkStore(store);
    for (const uri of damaged)
      assert.ok(
        found.some((each) => each.uri === uri),
        uri,
      );
  }
  const run = await row.next(lived, 1);
  const isLoss = LOSSES.some((each) => each === way);
  const words = isLoss ? row.says.lost : row.says.damaged;
  if (words === null) assert.equal(run.damage, '');
  else assert.match(run.damage, words);
  const { drift } = run.report;
  if (drift !== null) await store.get(drift.report.uri, drift.report.sha256);
  if (row.heals) {
    for (const [uri, bytes] of sound) assert.deepEqual(await readFile(placeOf(uri)), bytes, uri);
  }
}

function configOf(yaml: Row['yaml']): PipelineConfig {
  return { ...pipelineSchema.parse({ name: 'p', files: { folder: '/in' }, ...yaml }), hooks: null };
}

describe('a pipeline that begins beside its store', () => {
  const config = {
    ...pipelineSchema.parse({ name: 'p', files: { folder: '/in' }, target: 'y' }),
    hooks: null,
  };
  for (const way of WAYS) {
    test(`goes on from the state before the one that is damaged: ${way}`, async (t) => {
      const folder = await mkdtemp(path.join(tmpdir(), 'damaged-state-'));
      t.after(() => rm(folder, { recursive: true }));
      const light = createLightActivities(openLocalStore(folder));
      const save = (sequence: number): Promise<{ readonly uri: string }> => {
        const state = { ...carriedState(openState(config)), sequence };
        return light.saveState({ pipeline: 'p', target: 'y', state });
      };
      await save(3);
      const { uri } = await save(7);
      await damage(path.join(folder, uri), way);
      const found = await light.findState({ name: 'p', target: 'y' });
      assert.deepEqual([found.state?.sequence, found.after], [3, 3]);
      if (way === 'deleted' || way === 'folder') assert.equal(found.damage, undefined);
      else
        assert.match(
          found.damage?.[0] ?? '',
          /state\/p\/.*what people asked for in between is lost/,
        );
      await save(9);
      assert.equal((await light.findState({ name: 'p', target: 'y' })).state?.sequence, 9);
    });

    test(`knows the runs of the page before the one that is damaged: ${way}`, async (t) => {
      const folder = await mkdtemp(path.join(tmpdir(), 'damaged-page-'));
      t.after(() => rm(folder, { recursive: true }));
      const light = createLightActivities(openLocalStore(folder));
      await light.sealRuns({ pipeline: 'p', page: 0, runs: [runNumber(50)] });
      const { uri } = await light.sealRuns({ pipeline: 'p', page: 1, runs: [runNumber(100)] });
      await damage(path.join(folder, uri), way);
      const found = await light.findState({ name: 'p', target: 'y' });
      assert.deepEqual([found.sealedUpTo, found.after], [50, 50]);
      const isLoss = way === 'deleted' || way === 'folder';
      if (!isLoss) assert.match(found.damage?.[0] ?? '', /history\/p\/.*read from their reports/);
    });
  }

  function runNumber(sequence: number): RunSummary {
    return {
      ...{
        sequence,
        workflowId: `run-${sequence}`,
        fileName: 'a.csv',
        path: '/in/a.csv',
        bytes: 1,
      },
      ...{ sha256: 'a'.repeat(64), revision: 0, arrivedAt: '2026-01-01T00:00:00.000Z' },
      ...{ finishedAt: '2026-01-01T00:00:01.000Z', outcome: 'kept', action: 'keep', reason: '' },
      ...{ rows: 1, driftScore: 0, metric: null, championId: null, report: null },
    };
  }
});

/** @returns what the file was before */
async function damage(file: string, way: Way): Promise<Uint8Array> {
  const sound = await readFile(file);
  switch (way) {
    case 'bit': {
      const turned = Buffer.from(sound);
      const middle = turned.length >> 1;
      turned.writeUInt8(turned.readUInt8(middle) ^ 1, middle);
      await writeFile(file, turned);
      break;
    }
    case 'half':
      await writeFile(file, sound.subarray(0, sound.length >> 1));
      break;
    case 'empty':
      await writeFile(file, '');
      break;
    case 'deleted':
      await rm(file);
      break;
    case 'folder':
      await rm(file);
      await mkdir(file);
  }
  return sound;
}
