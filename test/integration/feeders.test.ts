import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import { createLightActivities } from '../../activities/create-light-activities.ts';
import { Handover } from '../../starter/handover.ts';
import { intakeOf, runningStatus } from '../../starter/intake.ts';
import { runFiles, type FileOutcome } from '../../starter/run-files.ts';
import { watchPipelines } from '../../starter/watch.ts';
import type { ArtefactStore } from '../../store/artefact-store.ts';
import { openLocalStore } from '../../store/local-store.ts';
import { pause, pipelineRuns, pipelineStatus, resume } from '../../workflows/contract.ts';
import { outcomesOf, wholeConfig, startPipeline } from '../support/scenarios.ts';
import { startStubWorker } from '../support/stub-worker.ts';
import { startTestTemporal, type TestTemporal } from '../support/temporal.ts';

const temporal = await startTestTemporal();
const skip = typeof temporal === 'string' ? temporal : false;
const ada = { by: 'ada', why: 'a test' };
const logger = pino({ level: 'silent' });
const NAME = 'crowded';

/** The queue is bounded in bytes: of files with paths of this length it takes some twenty. */
const PATH_BYTES = 3_700;

describe(
  'a watcher and several starters that feed one pipeline whose queue is full',
  { skip },
  () => {
    const { client, connection, settings, stop } = temporal as TestTemporal;
    const signal = new AbortController().signal;
    let root: string;
    let store: ArtefactStore;
    let worker: { stop(): Promise<void> };
    before(async () => {
      root = await mkdtemp(path.join(tmpdir(), 'calmops-feeders-'));
      store = openLocalStore(settings.storeFolder);
      worker = await startStubWorker(connection, createLightActivities(store));
    });
    after(async () => {
      await worker.stop();
      await stop();
      await rm(root, { recursive: true, force: true });
    });

    /** A folder with a path so long that few of its files fill the queue. */
    async function longFolder(of: string): Promise<string> {
      let folder = path.join(root, of);
      while (folder.length < PATH_BYTES) folder = path.join(folder, 'a'.repeat(200));
      await mkdir(folder, { recursive: true });
      return folder;
    }

    /** Files whose content is their name, each a second younger than the one before. */
    async function write(folder: string, names: readonly string[]): Promise<readonly string[]> {
      const paths = names.map((name) => path.join(folder, name));
      for (const [i, file] of paths.entries()) {
        await writeFile(file, path.basename(file));
        const writtenAt = new Date(Date.UTC(2026, 0, 1) + i * 1_000);
        await utimes(file, writtenAt, writtenAt);
      }
      return paths;
    }

    const named = (of: string, count: number): readonly string[] =>
      Array.from({ length: count }, (_, i) => `calm-${of}-${String(i).padStart(2, '0')}`);

    /** Where much else runs, there may be no answer in time. */
    const shownState = async (): Promise<string> => {
      try {
        return (await runningStatus(client, NAME))?.state ?? 'idle';
      } catch {
        return 'unknown';
      }
    };

    function startStarter(paths: readonly string[]): Promise<readonly FileOutcome[]> {
      const config = wholeConfig(NAME);
      const handover = new Handover({ intake: intakeOf(client), config, store, logger, signal });
      return runFiles({
        ...{ pipeline: NAME, paths, store, signal },
        hand: (files) => handover.hand(files),
        onWaiting: async () => (await shownState()) === 'idle',
        remarkMs: 1_000,
      });
    }

    test(
      'lose nothing, run nothing twice, and keep the order of each of them',
      { timeout: 900_000 },
      async () => {
        const pipeline = await startPipeline(client, NAME, []);
        await pipeline.executeUpdate(pause, { args: [ada] });
        const first = await write(await longFolder('first'), named('first', 24));
        const full = startStarter(first);
        while ((await runningStatus(client, NAME).catch(() => null))?.room !== 0) await delay(50);

        const inbox = await longFolder('inbox');
        const watched = named('watched', 24);
        await write(inbox, watched);
        const shared = watched.slice(8, 12);
        const others = await Promise.all(
          ['ada', 'bob', 'eve'].map(async (who) => {
            const names = [...named(who, 6), ...(who === 'eve' ? shared : [])];
            return write(await longFolder(who), names);
          }),
        );
        const config = {
          ...wholeConfig(NAME),
          files: { ...wholeConfig(NAME).files, folder: inbox, glob: '*' },
        };
        const watcher = watchPipelines({
          ...{ intake: intakeOf(client), store, logger, pipelines: [config], polling: false },
          ...{ settleMs: 100, rescanMs: 1_000 },
        });
        try {
          await watcher.ready;
          const starters = others.map(startStarter);
          await pipeline.executeUpdate(resume, { args: [ada] });
          const outcomes = await Promise.all([full, ...starters]);
          const given = [first, ...others];
          assert.deepEqual(
            outcomes.map((each) => each.map(({ file }) => file.path)),
            given,
            'every starter ends with an outcome of each of its files',
          );
          const expected = new Set(
            [...given.flat(), ...watched].map((file) => path.basename(file)),
          );
          await outcomesOf(pipeline, expected.size);
          const { runs } = await pipeline.query(pipelineRuns, { offset: 0, limit: 100 });
          const names = runs.map(({ fileName }) => fileName).toReversed();
          assert.deepEqual([...names].sort(), [...expected].sort(), 'each once');
          for (const one of [
            ...given.map((each) => each.map((file) => path.basename(file))),
            watched,
          ]) {
            const own = one.filter((name) => !shared.includes(name));
            assert.deepEqual(
              names.filter((name) => own.includes(name)),
              own,
              'in the order in which it brought them',
            );
          }
          assert.equal((await pipeline.query(pipelineStatus)).queued, 0);
        } finally {
          await watcher.close();
        }
      },
    );
  },
);
