/**
 * `stub-watcher.ts HOME FOLDER RESCAN_MS`: the watcher of one folder, with a stand-in for its pipeline. Each file that it is
 * handed has its report at once.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pino } from 'pino';
import { pipelineSchema } from '../../../pipelines/schema.ts';
import type { Intake } from '../../../starter/intake.ts';
import { watchPipelines } from '../../../starter/watch.ts';
import { openLocalStore } from '../../../store/local-store.ts';
import { MAX_QUEUED, reportUri, type DatasetFile } from '../../../workflows/contract.ts';

/** What the parent is told: names of files in the order in which they were handed over. */
export interface HandedMessage {
  readonly names: readonly string[];
}

const NAME = 'crowded';
const [home = '', folder = '', rescanMs = ''] = process.argv.slice(2);
const store = path.join(home, 'store');
await mkdir(path.join(store, 'reports', NAME), { recursive: true });
const config = {
  ...pipelineSchema.parse({ name: NAME, target: 'late', files: { folder } }),
  hooks: null,
};

const intake: Intake = {
  configure: () => Promise.resolve(),
  room: () => Promise.resolve(MAX_QUEUED),
  tell: () => Promise.resolve(),
  offer: async (_, files) => {
    await Promise.all(files.map(report));
    const message: HandedMessage = { names: files.map(({ name }) => name) };
    process.send?.(message);
    return { taken: files.length, known: 0, room: MAX_QUEUED };
  },
};

const watcher = watchPipelines({
  intake,
  store: openLocalStore(store),
  pipelines: [config],
  logger: pino({ level: 'warn' }, process.stderr),
  polling: false,
  rescanMs: Number(rescanMs),
});
await watcher.ready;

/** What the watcher reads of a report. */
async function report(file: DatasetFile): Promise<void> {
  const finishedAt = new Date().toISOString();
  const summary = { revision: 0, outcome: 'kept', reason: 'It stands in for a run.', finishedAt };
  const uri = reportUri(NAME, file.sha256, 0);
  await writeFile(path.join(store, uri), JSON.stringify({ file, summary }));
}
