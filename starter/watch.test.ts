import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import {
  appendFile,
  chmod,
  mkdir,
  mkdtemp,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import { pipelineSchema } from '../pipelines/schema.ts';
import type { ArtefactStore } from '../store/artefact-store.ts';
import {
  MAX_BATCH,
  reportUri,
  type DatasetFile,
  type OfferAnswer,
  type RunOutcome,
} from '../workflows/contract.ts';
import { ConfigurationRefusedError, NobodyAnswersError, type Intake } from './intake.ts';
import { watchPipelines } from './watch.ts';

const SETTLE_MS = 60;
const RESCAN_MS = 150;

test('a file that is copied into the folder is handed over once, with its content hash', async (t) => {
  const world = await makeWorld(t);
  await world.watch();
  await world.write('a.csv', 'x,y\n1,2\n');
  const [file] = await world.handed(1);
  assert.equal(file?.name, 'a.csv');
  assert.equal(file.path, path.join(world.folder, 'a.csv'));
  assert.equal(file.sha256, sha256('x,y\n1,2\n'));
  assert.equal(file.bytes, 8);
  assert.ok(!Number.isNaN(Date.parse(file.arrivedAt)));
});

test('files that were there before the start are handed over oldest first', async (t) => {
  const world = await makeWorld(t);
  await world.write('c.csv', 'third', 3_000);
  await world.write('a.csv', 'second', 2_000);
  await world.write('b.csv', 'also second', 2_000);
  await world.write('d.csv', 'first', 1_000);
  await world.watch();
  const files = await world.handed(4);
  assert.deepEqual(
    files.map(({ name }) => name),
    ['d.csv', 'a.csv', 'b.csv', 'c.csv'],
  );
});

test('a file that is renamed into place arrives under its final name only', async (t) => {
  const world = await makeWorld(t);
  await world.watch();
  await world.write('a.csv.part', 'whole');
  await rename(path.join(world.folder, 'a.csv.part'), path.join(world.folder, 'a.csv'));
  const files = await world.handed(1);
  assert.deepEqual(
    files.map(({ name }) => name),
    ['a.csv'],
  );
});

test('dot files, partial files and names outside the glob are left alone', async (t) => {
  const world = await makeWorld(t);
  for (const name of ['.a.csv', 'a.csv.tmp', 'a.csv~', 'a.csv.crdownload', 'a.parquet']) {
    await world.write(name, name);
  }
  await world.watch();
  await world.write('last.csv', 'the one that counts');
  const files = await world.handed(1);
  assert.deepEqual(
    files.map(({ name }) => name),
    ['last.csv'],
  );
});

test('a growing file is handed over when it has stopped growing, whole', async (t) => {
  const world = await makeWorld(t);
  await world.watch();
  const target = path.join(world.folder, 'a.csv');
  let content = '';
  for (let i = 0; i < 8; i++) {
    content += `line ${i}\n`;
    await appendFile(target, `line ${i}\n`);
    await delay(SETTLE_MS / 3); // the pace of the writer
  }
  const [file] = await world.handed(1);
  assert.equal(file?.sha256, sha256(content));
});

test('a file that is replaced by other content is handed over again', async (t) => {
  const world = await makeWorld(t);
  await world.watch();
  await world.write('a.csv', 'one');
  await world.handed(1);
  await world.write('.b', 'two');
  await rename(path.join(world.folder, '.b'), path.join(world.folder, 'a.csv'));
  const files = await world.handed(2);
  assert.deepEqual(
    files.map((file) => file.sha256),
    [sha256('one'), sha256('two')],
  );
});

test('a file whose report is in the store is not handed over', async (t) => {
  const world = await makeWorld(t);
  world.stored.add(reportUri('sales', sha256('known'), 0));
  await world.write('known.csv', 'known', 1_000);
  await world.write('new.csv', 'new', 2_000);
  await world.watch();
  const files = await world.handed(1);
  assert.deepEqual(
    files.map(({ name }) => name),
    ['new.csv'],
  );
});

test('a file on its way is not handed over again, but one that got lost is', async (t) => {
  const world = await makeWorld(t);
  await world.watch();
  await world.write('a.csv', 'a');
  await world.handed(1);
  await world.asked('offer', 2);
  assert.equal(world.files.length, 1);
  world.known.clear();
  const files = await world.handed(2);
  assert.equal(files[1]?.sha256, sha256('a'));
});

test('no more files are handed over than the pipeline has room for', async (t) => {
  const world = await makeWorld(t);
  world.room = 3;
  for (let i = 0; i < 5; i++) await world.write(`${i}.csv`, String(i), 1_000 * (i + 1));
  await world.watch();
  await world.handed(3);
  await world.asked('room', 1);
  assert.equal(world.files.length, 3);
  world.room = 300;
  const files = await world.handed(5);
  assert.deepEqual(
    files.map(({ name }) => name),
    ['0.csv', '1.csv', '2.csv', '3.csv', '4.csv'],
  );
});

test('many files travel in batches, in order', async (t) => {
  const world = await makeWorld(t);
  for (let i = 0; i < MAX_BATCH + 20; i++) {
    await world.write(`${String(i).padStart(4, '0')}.csv`, String(i), 1_000 * (i + 1));
  }
  await world.watch();
  const files = await world.handed(MAX_BATCH + 20);
  assert.ok(world.batches.every((size) => size <= MAX_BATCH));
  const names = files.map(({ name }) => name);
  assert.deepEqual(names, [...names].sort());
});

test('files wait while Temporal cannot be reached, and lose nothing', async (t) => {
  const world = await makeWorld(t);
  world.failures.push(new Error('14 UNAVAILABLE'));
  await world.watch();
  await world.write('a.csv', 'a');
  const files = await world.handed(1);
  assert.equal(files[0]?.name, 'a.csv');
  assert.match(world.log(), /Could not hand over 1 file .*trying again/);
});

test('files are left with the server once while no worker answers, and offered until one does', async (t) => {
  const world = await makeWorld(t);
  const silence = new NobodyAnswersError("Nobody answered for pipeline 'sales'");
  world.failures.push(silence, silence);
  await world.watch();
  await world.write('a.csv', 'a');
  const files = await world.handed(1);
  assert.equal(files[0]?.name, 'a.csv');
  assert.equal(world.told, 1);
  assert.match(world.log(), /Nobody answered for pipeline 'sales'. The server keeps 1 file/);
});

test('a pipeline that refuses its new configuration gets no files, and says why', async (t) => {
  const world = await makeWorld(t);
  world.refusal = new ConfigurationRefusedError('the target cannot change');
  await world.write('a.csv', 'a');
  await world.watch();
  await world.logged(/the target cannot change/);
  assert.equal(world.files.length, 0);
});

test('a folder with the name of a dataset file is passed over and said', async (t) => {
  const world = await makeWorld(t);
  await mkdir(path.join(world.folder, 'x.csv'), { recursive: true });
  await world.watch();
  await world.logged(/x\.csv is not a file/);
  assert.equal(world.files.length, 0);
});

test(
  'a file that may not be read is said, and taken once it may',
  { skip: process.getuid?.() === 0 ? 'root may read everything' : false },
  async (t) => {
    const world = await makeWorld(t);
    await world.write('a.csv', 'a');
    await chmod(path.join(world.folder, 'a.csv'), 0);
    await world.watch();
    await world.logged(/a\.csv cannot be read/);
    await chmod(path.join(world.folder, 'a.csv'), 0o644);
    await world.handed(1);
  },
);

test('a symbolic link is not followed, and said once, with what to do', async (t) => {
  const world = await makeWorld(t);
  const secret = await world.writeOutside('secret', 'user,password\n');
  await mkdir(world.folder);
  await symlink(secret, path.join(world.folder, 'link.csv'));
  await symlink(path.join(world.folder, 'nowhere'), path.join(world.folder, 'dangling.csv'));
  await world.watch();
  await world.logged(/link\.csv is a symbolic link and is not followed.*files\.followSymlinks/);
  await world.logged(/dangling\.csv is a symbolic link/);
  await world.write('b.csv', 'the next one');
  assert.deepEqual(
    (await world.handed(1)).map((file) => file.name),
    ['b.csv'],
  );
  await world.rescanned(3);
  assert.equal(world.files.length, 1);
  assert.equal(world.log().match(/is a symbolic link/g)?.length, 2, 'each is said once');
});

test('a file that becomes a link is no file any more', async (t) => {
  const world = await makeWorld(t);
  const secret = await world.writeOutside('secret', 'user,password\n');
  await world.write('a.csv', 'x,y\n1,2\n');
  await world.watch();
  await world.handed(1);
  await symlink(secret, path.join(world.folder, '.link'));
  await rename(path.join(world.folder, '.link'), path.join(world.folder, 'a.csv'));
  await world.logged(/a\.csv is a symbolic link/);
  await world.write('b.csv', 'the next one');
  assert.deepEqual(
    (await world.handed(2)).map((file) => file.name),
    ['a.csv', 'b.csv'],
  );
});

test('links are followed where the pipeline says so, and one that leads nowhere is said once', async (t) => {
  const world = await makeWorld(t, { followSymlinks: true });
  const elsewhere = await world.writeOutside('data.csv', 'x,y\n1,2\n');
  await mkdir(world.folder);
  await symlink(path.join(world.folder, 'nowhere'), path.join(world.folder, 'dangling.csv'));
  await symlink(elsewhere, path.join(world.folder, 'link.csv'));
  await world.watch();
  const [file] = await world.handed(1);
  assert.equal(file?.name, 'link.csv');
  assert.equal(file.sha256, sha256('x,y\n1,2\n'));
  await world.rescanned(3);
  assert.equal(
    world.log().match(/dangling\.csv is a symbolic link that leads to no file/g)?.length,
    1,
  );
});

test('a name that is not UTF-8 is said once, with its bytes and what to do', async (t) => {
  const world = await makeWorld(t);
  await mkdir(world.folder);
  const name = Buffer.from('latin\xe9.csv', 'latin1');
  try {
    await writeFile(Buffer.concat([Buffer.from(`${world.folder}/`), name]), 'x,y\n1,2\n');
  } catch {
    t.skip('this file system takes names in UTF-8 only');
    return;
  }
  await world.watch();
  await world.write('b.csv', 'the next one');
  await world.logged(
    /latin.*xe9\.csv is not taken, since its name is not UTF-8 \(bytes 6c6174696ee92e637376\): rename it/,
  );
  assert.deepEqual(
    (await world.handed(1)).map((file) => file.name),
    ['b.csv'],
  );
  await world.rescanned(3);
  assert.equal(world.log().match(/not UTF-8/g)?.length, 1);
});

test('a file of terabytes of nothing is not read to be known, and the next one does not wait for it', async (t) => {
  const world = await makeWorld(t);
  await world.write('sparse.csv', '', 1_000);
  await truncate(path.join(world.folder, 'sparse.csv'), 2 ** 40);
  await utimes(path.join(world.folder, 'sparse.csv'), 1, 1);
  await world.write('b.csv', 'small', 2_000);
  await world.watch();
  const [sparse, small] = await world.handed(2);
  assert.equal(sparse?.name, 'sparse.csv');
  assert.equal(sparse.bytes, 2 ** 40);
  assert.match(sparse.sha256, /^[0-9a-f]{64}$/);
  assert.equal(small?.sha256, sha256('small'));
});

test('a folder that comes to the place of the watched one is watched', async (t) => {
  const world = await makeWorld(t);
  await world.watch();
  const mounted = path.join(path.dirname(world.folder), 'mounted');
  await mkdir(mounted);
  await rename(world.folder, `${world.folder}-before`);
  await rename(mounted, world.folder);
  await world.write('a.csv', 'a');
  await world.handed(1);
});

test('thousands of files are handed over once each, in order, while more come', async (t) => {
  const world = await makeWorld(t);
  world.room = Infinity;
  const names = Array.from({ length: 3_000 }, (_, i) => `${String(i).padStart(5, '0')}.csv`);
  for (const [i, name] of names.entries()) {
    if (i === 1_500) await world.watch();
    await world.write(name, name, i < 1_500 ? i + 1 : undefined);
  }
  const files = await world.handed(names.length);
  assert.deepEqual(
    files.map(({ name }) => name),
    names,
  );
});

test('a watched folder that was removed is watched again', async (t) => {
  const world = await makeWorld(t);
  await world.watch();
  await rm(world.folder, { recursive: true });
  await world.exists();
  await world.write('a.csv', 'a');
  await world.handed(1);
});

test('a file that was invalid, failed or cancelled is run again when it is dropped again, and only then', async (t) => {
  const world = await makeWorld(t);
  for (const outcome of ['invalid', 'failed', 'cancelled'] as const) {
    await world.write(`${outcome}.csv`, outcome);
    await world.write(`${outcome}-old.csv`, `${outcome} that lies there`);
    world.ended(outcome, outcome, 0, 1_000);
    world.ended(`${outcome} that lies there`, outcome, 0, Date.now() + 60_000);
  }
  await world.watch();
  const files = await world.handed(3);
  assert.deepEqual(files.map(({ name, rerunOf }) => [name, rerunOf]).sort(), [
    ['cancelled.csv', 0],
    ['failed.csv', 0],
    ['invalid.csv', 0],
  ]);
});

test('a file that was gone is run again when it is there, once for each time that it comes', async (t) => {
  const world = await makeWorld(t);
  await world.write('back.csv', 'back');
  world.ended('back', 'gone', 0, Date.now() + 60_000);
  world.ended('back', 'gone', 7, Date.now() + 60_000);
  await world.watch();
  const [file] = await world.handed(1);
  assert.equal(file?.rerunOf, 7);
  world.ended('back', 'gone', 8, Date.now() + 60_000);
  await world.write('new.csv', 'new');
  const files = await world.handed(2);
  await world.rescanned(2);
  assert.deepEqual(
    files.map(({ name }) => name),
    ['back.csv', 'new.csv'],
  );
});

test('what had a true outcome is never run again, however often it is dropped', async (t) => {
  const world = await makeWorld(t);
  await world.write('kept.csv', 'kept');
  world.ended('kept', 'kept', 0, 1_000);
  await world.write('new.csv', 'new');
  await world.watch();
  const files = await world.handed(1);
  assert.equal(files[0]?.name, 'new.csv');
  assert.equal(files[0].rerunOf, undefined);
});

/** A watched folder of pipeline `sales`, and a pipeline that notes what it is given. */
class World {
  readonly folder: string;
  readonly files: DatasetFile[] = [];
  readonly batches: number[] = [];
  readonly stored = new Set<string>();
  private readonly ends = new Map<
    string,
    { readonly outcome: RunOutcome; readonly revision: number; readonly finishedMs: number }
  >();
  room = 300;
  /** files that the pipeline waits with, runs, or has just run */
  readonly known = new Set<string>();
  /** what the next offers fail with */
  readonly failures: Error[] = [];
  /** how often files were left with the server */
  told = 0;
  refusal: Error | null = null;
  private readonly lines: string[] = [];
  private readonly questions = { room: 0, configure: 0, offer: 0 };
  private readonly changes = new EventEmitter();
  private readonly closers: (() => Promise<void>)[] = [];

  private readonly followSymlinks: boolean;

  constructor(folder: string, followSymlinks: boolean) {
    this.folder = folder;
    this.followSymlinks = followSymlinks;
  }

  async watch(): Promise<void> {
    const config = {
      ...pipelineSchema.parse({
        name: 'sales',
        files: { folder: this.folder, glob: '*.csv', followSymlinks: this.followSymlinks },
        target: 'y',
      }),
      hooks: null,
    };
    const watcher = watchPipelines({
      intake: this.intake(),
      store: this.store(),
      pipelines: [config],
      logger: pino({ level: 'debug' }, { write: (line) => this.note(() => this.lines.push(line)) }),
      polling: false,
      settleMs: SETTLE_MS,
      rescanMs: RESCAN_MS,
    });
    this.closers.push(() => watcher.close());
    await watcher.ready;
  }

  /** Writes a file; with `mtime`, as one that was last changed that many ms after 1970. */
  async write(name: string, content: string, mtime?: number): Promise<void> {
    await mkdir(this.folder, { recursive: true });
    const file = path.join(this.folder, name);
    await writeFile(file, content);
    if (mtime !== undefined) await utimes(file, mtime / 1_000, mtime / 1_000);
  }

  /** Writes a file beside the watched folder. */
  async writeOutside(name: string, content: string): Promise<string> {
    const file = path.join(path.dirname(this.folder), name);
    await writeFile(file, content);
    return file;
  }

  /** Waits until the folder was read so many more times; each time a file without outcome is asked about. */
  async rescanned(times: number): Promise<void> {
    assert.ok(this.files.length > 0, 'a file without outcome is there');
    await this.asked('offer', times);
  }

  async handed(count: number): Promise<readonly DatasetFile[]> {
    await this.until(() => this.files.length >= count);
    assert.equal(this.files.length, count);
    return this.files;
  }

  /** Waits until the question was asked so many more times. */
  async asked(question: 'room' | 'configure' | 'offer', times: number): Promise<void> {
    const target = this.questions[question] + times;
    await this.until(() => this.questions[question] >= target);
  }

  async logged(pattern: RegExp): Promise<void> {
    await this.until(() => pattern.test(this.log()));
  }

  async exists(): Promise<void> {
    while (!(await stat(this.folder).catch(() => null))) await delay(10);
  }

  log(): string {
    return this.lines.join('');
  }

  async close(): Promise<void> {
    for (const close of this.closers) await close();
    await rm(path.dirname(this.folder), { recursive: true, force: true });
  }

  private async until(condition: () => boolean): Promise<void> {
    while (!condition()) await once(this.changes, 'change');
  }

  private note(change: () => void): void {
    change();
    this.changes.emit('change');
  }

  private intake(): Intake {
    return {
      configure: () => {
        this.note(() => (this.questions.configure += 1));
        return this.refusal === null ? Promise.resolve() : Promise.reject(this.refusal);
      },
      room: () => {
        this.note(() => (this.questions.room += 1));
        return Promise.resolve(this.room);
      },
      tell: () => {
        this.note(() => (this.told += 1));
        return Promise.resolve();
      },
      offer: (_config, files) => {
        this.note(() => (this.questions.offer += 1));
        const failure = this.failures.shift();
        return failure === undefined ? Promise.resolve(this.take(files)) : Promise.reject(failure);
      },
    };
  }

  private take(files: readonly DatasetFile[]): OfferAnswer {
    const known = files.filter(({ sha256 }) => this.known.has(sha256)).length;
    const fresh = files.filter(({ sha256 }) => !this.known.has(sha256));
    const taken = fresh.slice(0, this.room);
    if (taken.length > 0) {
      this.note(() => {
        for (const file of taken) this.known.add(file.sha256);
        this.files.push(...taken);
        this.batches.push(taken.length);
        this.room -= taken.length;
      });
    }
    return { taken: taken.length, known, room: this.room };
  }

  /** A run of a content ended so; now, or so many ms after 1970. */
  ended(content: string, outcome: RunOutcome, revision = 0, finishedMs = Date.now()): void {
    const uri = reportUri('sales', sha256(content), revision);
    this.stored.add(uri);
    this.ends.set(uri, { outcome, revision, finishedMs });
  }

  private reportAt(uri: string): unknown {
    const end = this.ends.get(uri) ?? { outcome: 'kept', revision: 0, finishedMs: 0 };
    const { outcome, revision, finishedMs } = end;
    const finishedAt = new Date(finishedMs).toISOString();
    return {
      file: { name: 'a.csv', path: '/a.csv', sha256: '', bytes: 1, arrivedAt: finishedAt },
      summary: { revision, outcome, reason: 'a test', finishedAt },
    };
  }

  private store(): ArtefactStore {
    const unused = (): never => assert.fail('the watcher reads reports and keeps configurations');
    return {
      put: (uri, bytes) => {
        assert.match(uri, /^configs\/sales\//);
        const digest = createHash('sha256').update(bytes).digest('hex');
        return Promise.resolve({ uri, sha256: digest, bytes: bytes.byteLength });
      },
      putFile: unused,
      get: (uri) => Promise.resolve(Buffer.from(JSON.stringify(this.reportAt(uri)))),
      list: (prefix) => Promise.resolve([...this.stored].filter((uri) => uri.startsWith(prefix))),
      localPath: unused,
      setAside: unused,
      noticeDamage: unused,
      exists: (uri) => Promise.resolve(this.stored.has(uri)),
    };
  }
}

async function makeWorld(t: TestContext, { followSymlinks = false } = {}): Promise<World> {
  const root = await mkdtemp(path.join(tmpdir(), 'calmops-watch-'));
  const world = new World(path.join(root, 'incoming'), followSymlinks);
  t.after(() => world.close());
  return world;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
