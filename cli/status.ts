/** `calmops status`: what every pipeline is doing. */
import { visible } from '../core/visible.ts';
import { connectClient } from '../shell/connection.ts';
import { createFileLogger } from '../shell/logging.ts';
import { runProcess } from '../shell/process.ts';
import { readPipelines } from '../starter/pipelines.ts';
import { createQueries } from '../web/queries.ts';
import { createTemporalReader } from '../web/temporal-reader.ts';
import { openLocalStore } from '../store/local-store.ts';
import { statusWords } from './status-words.ts';
import { answerWithUsage } from './usage-alone.ts';

const USAGE = `Usage: npm run calmops -- status

Says what every pipeline is doing. CalmOps must be running.

Exit code: 0 it was said, 1 an error.`;

await runProcess({ component: 'status', log: createFileLogger }, async ({ settings }) => {
  const answered = answerWithUsage(USAGE);
  if (answered !== null) return answered;
  const { valid, invalid } = await readPipelines(settings.pipelinesFolder, settings.home);
  const client = await connectClient();
  try {
    const queries = createQueries({
      temporal: createTemporalReader(client),
      store: openLocalStore(settings.storeFolder),
    });
    const { value, stale } = await queries.pipelines();
    if (stale !== null) throw new Error(stale.why);
    const why = new Map<string, string>();
    for (const { name } of value.pipelines.filter(({ failing }) => failing)) {
      why.set(name, (await queries.pipeline(name))?.stale?.why ?? 'Its workflow code fails.');
    }
    const folders = { valid: valid.map(({ name }) => name), invalid };
    console.log(visible(statusWords(value, folders, why).join('\n')));
  } finally {
    await client.connection.close();
  }
  return 0;
});
