import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Writable } from 'node:stream';
import { test, type TestContext } from 'node:test';
import { pino } from 'pino';
import { openLocalStore } from '../store/local-store.ts';
import { FollowedPipelines } from './follow-pipelines.ts';

test('a pipeline that comes is watched at once', async (t) => {
  const world = await makeWorld(t);
  await world.follow();
  await world.writePipeline('sales', 'incoming');
  await world.said(/Watching .*incoming/);
  await world.drop('incoming', 'a.csv');
  assert.deepEqual(await world.handed(), ['sales', 'a.csv']);
});

test('the folder of pipelines may come after the start', async (t) => {
  const world = await makeWorld(t);
  await rm(world.pipelines, { recursive: true });
  await world.follow();
  await world.writePipeline('sales', 'incoming');
  await world.drop('incoming', 'a.csv');
  assert.deepEqual(await world.handed(), ['sales', 'a.csv']);
});

test('a pipeline that changes is watched as it is then', async (t) => {
  const world = await makeWorld(t);
  await world.writePipeline('sales', 'incoming');
  await world.follow();
  await world.writePipeline('sales', 'elsewhere');
  await world.said(/as it was changed,.*elsewhere/);
  await world.drop('elsewhere', 'b.csv');
  assert.deepEqual(await world.handed(), ['sales', 'b.csv']);
});

test('one that is not valid is said to be, with file and line, and watched once it is mended', async (t) => {
  const world = await makeWorld(t);
  await world.follow();
  await world.write('sales', 'files: { folder: incoming }\ntarget: y\nseed: 1.5\n');
  const said = await world.said(/is not valid and is left alone/);
  assert.match(said, /sales\/pipeline\.yaml:3:7 seed: found 1\.5/);
  await world.writePipeline('sales', 'incoming');
  await world.said(/Watching .*incoming/);
});

test('one that is made invalid goes on as it was', async (t) => {
  const world = await makeWorld(t);
  await world.writePipeline('sales', 'incoming');
  await world.follow();
  await world.write('sales', 'target: [');
  await world.said(/goes on as it was until it is mended/);
  await world.drop('incoming', 'a.csv');
  assert.deepEqual(await world.handed(), ['sales', 'a.csv']);
});

test('one that goes is not watched any more, and others are', async (t) => {
  const world = await makeWorld(t);
  await world.writePipeline('sales', 'incoming');
  await world.writePipeline('weather', 'other');
  await world.follow();
  await rm(path.join(world.pipelines, 'sales'), { recursive: true });
  await world.said(/is gone/);
  await world.drop('incoming', 'a.csv');
  await world.drop('other', 'b.csv');
  assert.deepEqual(await world.handed(), ['weather', 'b.csv']);
});

interface World {
  readonly pipelines: string;
  follow(): Promise<void>;
  write(pipeline: string, yaml: string): Promise<void>;
  /** A valid one that watches a folder of the test's. */
  writePipeline(pipeline: string, folder: string): Promise<void>;
  drop(folder: string, name: string): Promise<void>;
  /** The first record of the log, from the last one that was waited for on, that says so. */
  said(what: RegExp): Promise<string>;
  /** Pipeline and name of the first file that was handed over. */
  handed(): Promise<readonly string[]>;
}

async function makeWorld(t: TestContext): Promise<World> {
  const root = await mkdtemp(path.join(tmpdir(), 'calmops-follow-'));
  const pipelines = path.join(root, 'pipelines');
  await mkdir(pipelines);
  const events = new EventEmitter();
  const log: string[] = [];
  const files: (readonly string[])[] = [];
  const logger = pino(
    new Writable({
      write: (record: Buffer, _, done) => {
        log.push(readMessage(record));
        events.emit('log');
        done();
      },
    }),
  );
  const followed = new FollowedPipelines({
    intake: {
      configure: () => Promise.resolve(),
      state: () => Promise.resolve({ room: 10, idle: false }),
      start: ({ name }, [file]) => {
        files.push([name, file?.name ?? 'none']);
        events.emit('file');
        return Promise.resolve();
      },
    },
    store: openLocalStore(path.join(root, 'store')),
    ...{ logger, folder: pipelines, polling: false, settleMs: 40, rescanMs: 150 },
  });
  t.after(async () => {
    await followed.close();
    await rm(root, { recursive: true });
  });
  const write = async (pipeline: string, yaml: string): Promise<void> => {
    await mkdir(path.join(pipelines, pipeline), { recursive: true });
    await writeFile(path.join(pipelines, pipeline, 'pipeline.yaml'), yaml);
  };
  return {
    pipelines,
    follow: () => followed.start(),
    write,
    writePipeline: (pipeline, folder) =>
      write(pipeline, `files: { folder: ${path.join(root, folder)} }\ntarget: y\n`),
    drop: async (folder, name) => {
      await mkdir(path.join(root, folder), { recursive: true });
      await writeFile(path.join(root, folder, name), 'x,y\n1,2\n');
    },
    said: async (what) => {
      for (;;) {
        const at = log.findIndex((message) => what.test(message));
        const [message] = at < 0 ? [] : log.splice(0, at + 1).slice(-1);
        if (message !== undefined) return message;
        await once(events, 'log');
      }
    },
    handed: async () => {
      while (files[0] === undefined) await once(events, 'file');
      return files[0];
    },
  };
}

function readMessage(record: Buffer): string {
  const parsed: unknown = JSON.parse(record.toString());
  return typeof parsed === 'object' && parsed !== null && 'msg' in parsed ? String(parsed.msg) : '';
}
