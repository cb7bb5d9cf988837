/**
 * `npm run bench:watcher -- --files 100000`: the watcher by itself with many small files in one folder, half of them there
 * at its start. Counts what is lost, double or out of order, and what the process takes; the pipeline is a stub.
 */
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { pino } from 'pino';
import { pipelineSchema } from '../pipelines/schema.ts';
import { watchPipelines } from '../starter/watch.ts';
import type { ArtefactStore } from '../store/artefact-store.ts';
import { MAX_QUEUED, reportUri } from '../workflows/contract.ts';

const { values } = parseArgs({ options: { files: { type: 'string', default: '100000' } } });
const count = Number(values.files);
if (!Number.isInteger(count) || count < 2) throw new Error('--files is a whole number from 2');

const root = await mkdtemp(path.join(tmpdir(), 'calmops-bench-'));
const folder = path.join(root, 'incoming');
await mkdir(folder);

const handed: string[] = [];
const recorded = new Set<string>();
const unused = (): never => {
  throw new Error('the watcher only asks whether reports exist');
};
const store: ArtefactStore = {
  ...{
    put: unused,
    putFile: unused,
    get: unused,
    list: unused,
    localPath: unused,
    setAside: unused,
  },
  exists: (uri) => Promise.resolve(recorded.has(uri)),
};
const config = {
  ...pipelineSchema.parse({ name: 'many', files: { folder, glob: '*.csv' }, target: 'y' }),
  hooks: null,
};

const half = Math.floor(count / 2);
await writeFiles(0, half);
const startedAt = performance.now();
const cpu = process.cpuUsage();
const before = memory();
let most = before;
const watching = setInterval(() => (most = Math.max(most, memory())), 200);
const watcher = watchPipelines({
  intake: {
    configure: () => Promise.resolve(),
    room: () => Promise.resolve(MAX_QUEUED),
    tell: () => Promise.resolve(),
    offer: (_config, files) => {
      for (const { name, sha256 } of files) {
        handed.push(name);
        recorded.add(reportUri('many', sha256, 0));
      }
      return Promise.resolve({ taken: files.length, known: 0, room: MAX_QUEUED });
    },
  },
  ...{ store, pipelines: [config], logger: pino({ level: 'silent' }), polling: false },
});
await watcher.ready;
await writeFiles(half, count);
let last = -1;
// As long as files are handed over; what does not come within a few rescans is lost.
for (let patience = 0; handed.length < count && patience < 100; patience += 1) {
  if (handed.length !== last) patience = 0;
  last = handed.length;
  await delay(1_000);
}
const { user, system } = process.cpuUsage(cpu);
clearInterval(watching);
await watcher.close();
await rm(root, { recursive: true });

const distinct = new Set(handed).size;
console.log(
  JSON.stringify({
    files: count,
    lost: count - distinct,
    doubled: handed.length - distinct,
    outOfOrder: handed.filter((name, i) => name < (handed[i - 1] ?? '')).length,
    beforeMb: before,
    mostMb: most,
    seconds: Math.round((performance.now() - startedAt) / 1_000),
    cpuSeconds: Math.round((user + system) / 1e6),
  }),
);

async function writeFiles(from: number, to: number): Promise<void> {
  const start = Date.now() / 1_000;
  for (let i = from; i < to; i++) {
    const file = path.join(folder, `${String(i).padStart(7, '0')}.csv`);
    await writeFile(file, `x,y\n${i},1\n`);
    if (i < half) await utimes(file, start - count + i, start - count + i);
  }
}

/** MB of the process. */
function memory(): number {
  return Math.round(process.memoryUsage().rss / 2 ** 20);
}
