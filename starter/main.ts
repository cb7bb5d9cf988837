/** The watcher by itself. */
import { connect, connectClient, connectOptions } from '../shell/connection.ts';
import { createLogger } from '../shell/logging.ts';
import { aborted, runProcess } from '../shell/process.ts';
import { openLocalStore } from '../store/local-store.ts';
import { readPipelines } from './pipelines.ts';
import { ensureSearchAttributes } from './search-attributes.ts';
import { startWatcher } from './watch.ts';

await runProcess(
  { component: 'watcher', log: createLogger },
  async ({ settings, logger, signal }) => {
    const options = connectOptions();
    const connection = await connect(options);
    await ensureSearchAttributes(connection, options.namespace);
    const client = await connectClient(options);
    const { valid, invalid } = await readPipelines(settings.pipelinesFolder);
    for (const { name, problems } of invalid) {
      logger.error(`Pipeline '${name}' is not valid and is left alone:\n${problems}`);
    }
    const watcher = startWatcher({
      client,
      store: openLocalStore(settings.storeFolder),
      pipelines: valid,
      logger,
      settings,
    });
    await watcher.ready;
    logger.info({ pipelines: valid.map(({ name }) => name) }, 'Watching');
    await aborted(signal);
    await watcher.close();
    await client.connection.close();
    await connection.close();
    return 0;
  },
);
