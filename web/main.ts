/** The dashboard by itself. */
import { connectClient, connectOptions } from '../shell/connection.ts';
import { createLogger } from '../shell/logging.ts';
import { aborted, runProcess } from '../shell/process.ts';
import { openLocalStore } from '../store/local-store.ts';
import { createApp, startWeb } from './app.ts';
import { createCommands } from './commands.ts';
import { createQueries } from './queries.ts';
import { createTemporalReader } from './temporal-reader.ts';
import { createTemporalWriter } from './temporal-writer.ts';

await runProcess({ component: 'web', log: createLogger }, async ({ settings, logger, signal }) => {
  const options = connectOptions();
  const client = await connectClient(options);
  const { host, port, allowedHosts } = settings;
  const queries = createQueries({
    temporal: createTemporalReader(client),
    store: openLocalStore(settings.storeFolder),
  });
  const app = createApp({
    queries,
    commands: createCommands(createTemporalWriter(client), queries),
    temporalUi: { base: settings.temporalUi, namespace: options.namespace },
    allowedHosts,
    log: logger,
  });
  const web = await startWeb({ app, host, port });
  logger.info({ url: web.url }, 'Dashboard started');
  await aborted(signal);
  await web.close();
  await client.connection.close();
  return 0;
});
