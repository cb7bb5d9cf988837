/** The watcher by itself. */
import { connect, connectClient, connectOptions } from '../shell/connection.ts';
import { keepHealthFile } from '../shell/health.ts';
import { createLogger } from '../shell/logging.ts';
import { aborted, runProcess } from '../shell/process.ts';
import { openLocalStore } from '../store/local-store.ts';
import { startFollowing } from './follow-pipelines.ts';
import { prepareNamespace } from './namespace.ts';
import { watcherHealth } from './watcher-health.ts';

await runProcess(
  { component: 'watcher', log: createLogger },
  async ({ settings, logger, signal }) => {
    const options = connectOptions();
    const connection = await connect(options);
    const advice = await prepareNamespace(connection, options.namespace);
    if (advice !== null) logger.warn(advice);
    const client = await connectClient(options);
    // The first worker makes it: a watcher that did so would begin one in the place of a store that is away.
    const store = openLocalStore(settings.storeFolder, { mustExist: true });
    const watcher = startFollowing({ client, store, logger, settings });
    await watcher.ready;
    logger.info({ pipelines: settings.pipelinesFolder }, 'Watching');
    const health = keepHealthFile({
      ...{ settings, logger, component: 'watcher' },
      look: () => watcherHealth(watcher, connection),
    });
    await aborted(signal);
    await health.close();
    await watcher.close();
    await client.connection.close();
    await connection.close();
    return 0;
  },
);
