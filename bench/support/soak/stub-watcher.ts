/** The watcher of one folder, with a stand-in for its pipeline: each file that it is handed has its report at once. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pino } from 'pino';
import { pipelineSchema } from '../../../pipelines/schema.ts';
import type { Intake } from '../../../starter/intake.ts';
import { watchPipelines } from '../../../starter/watch.ts';
import { openLocalStore } from '../../../store/local-store.ts';
import { MAX_QUEUED, reportUri } from '../../../workflows/contract.ts';

/** What the parent is told: names of files in the order in which they were handed over. */
export interface HandedMessage {
  readonly names: readonly string[];
}

const NAME = 'crowded';
const [home = '', folder = ''] = process.argv.slice(2);
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
    await Promise.all(
      files.map(({ sha256 }) => writeFile(path.join(store, reportUri(NAME, sha256, 0)), '{}')),
    );
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
});
await watcher.ready;
