import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
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

test('what is saved in a pipeline.yaml is put in force at once, without a new file', async (t) => {
  const world = await makeWorld(t);
  await world.writePipeline('sales', 'incoming');
  await world.follow();
  await world.write('sales', `files: { folder: '${world.pipelines}-in' }\ntarget: z\n`);
  await world.configuredAs('sales z');
  assert.deepEqual(world.configured, ['sales y', 'sales z']);
});

test('one whose folder goes is told so, and told again when it is back', async (t) => {
  const world = await makeWorld(t);
  await world.writePipeline('sales', 'incoming');
  await world.writePipeline('weather', 'other');
  await world.follow();
  await rm(path.join(world.pipelines, 'sales'), { recursive: true });
  await world.said(/is gone/);
  await world.writePipeline('sales', 'incoming');
  await world.said(/Watching .*incoming/);
  assert.deepEqual(
    world.presence.filter((told) => told.startsWith('sales')),
    ['sales back', 'sales gone', 'sales back'],
  );
  assert.deepEqual(
    world.presence.filter((told) => told.startsWith('weather')),
    ['weather back'],
  );
});

test('when the whole folder of pipelines goes, as a disk that is unmounted, they go on', async (t) => {
  const world = await makeWorld(t);
  await world.writePipeline('sales', 'incoming');
  await world.follow();
  await rename(world.pipelines, `${world.pipelines}-unmounted`);
  await world.said(/folder of pipelines, .*, is gone: they go on as they were/);
  await world.drop('incoming', 'a.csv');
  assert.deepEqual(await world.handed(), ['sales', 'a.csv']);
  assert.ok(!world.presence.includes('sales gone'));
  await rename(`${world.pipelines}-unmounted`, world.pipelines);
  await world.writePipeline('weather', 'other');
  await world.said(/Watching .*other/);
});

test('one that cannot be read is left alone, and changes of the others are taken up', async (t) => {
  const world = await makeWorld(t);
  await world.writePipeline('sales', 'incoming');
  await mkdir(path.join(world.pipelines, 'broken'));
  await symlink('loop', path.join(world.pipelines, 'loop'));
  await world.follow();
  await world.said(/'loop' is not valid and is left alone.*\n.*cannot be read \(ELOOP\)/);
  await mkdir(path.join(world.pipelines, 'sales', 'hooks.ts'));
  await world.said(/'sales' is not valid and goes on as it was.*\n.*hooks\.ts:1:1: .*not a file/);
  await world.writePipeline('late', 'elsewhere');
  await world.said(/Watching .*elsewhere/);
  await world.drop('elsewhere', 'b.csv');
  assert.deepEqual(await world.handed(), ['late', 'b.csv']);
});

test('300 pipelines are watched in one process without a warning of leaked listeners', async (t) => {
  const world = await makeWorld(t);
  const warnings: string[] = [];
  const note = (warning: Error): void => void warnings.push(warning.message);
  process.on('warning', note);
  t.after(() => process.off('warning', note));
  for (let i = 0; i < 300; i++) await world.writePipeline(`p${i}`, `incoming/${i}`);
  await world.follow();
  await world.drop('incoming/299', 'a.csv');
  assert.deepEqual(await world.handed(), ['p299', 'a.csv']);
  assert.deepEqual(warnings, []);
});

interface World {
  readonly pipelines: string;
  /** pipelines and targets that were put in force */
  readonly configured: readonly string[];
  /** what pipelines were told of their folders */
  readonly presence: readonly string[];
  follow(): Promise<void>;
  write(pipeline: string, yaml: string): Promise<void>;
  /** A valid one that watches a folder of the test's. */
  writePipeline(pipeline: string, folder: string): Promise<void>;
  drop(folder: string, name: string): Promise<void>;
  /** The first record of the log, from the last one that was waited for on, that says so. */
  said(what: RegExp): Promise<string>;
  /** Until this pipeline and target were put in force last. */
  configuredAs(what: string): Promise<void>;
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
  const configured: string[] = [];
  const presence: string[] = [];
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
      configure: ({ name, target }) => {
        configured.push(`${name} ${target}`);
        events.emit('configured');
        return Promise.resolve();
      },
      room: () => Promise.resolve(10),
      tell: () => Promise.resolve(),
      offer: ({ name }, offered) => {
        files.push([name, offered[0]?.name ?? 'none']);
        events.emit('file');
        return Promise.resolve({ taken: offered.length, known: 0, room: 10 });
      },
    },
    home: path.join(root, 'home'),
    presence: {
      gone: (name) => Promise.resolve(void presence.push(`${name} gone`)),
      back: (name) => Promise.resolve(void presence.push(`${name} back`)),
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
    ...{ pipelines, configured, presence },
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
    configuredAs: async (what) => {
      while (configured.at(-1) !== what) await once(events, 'configured');
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
