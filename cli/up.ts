/** `npm start`: a Temporal server, worker, dashboard and watcher in one process; the demo if there is nothing else. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { startDemoFeed } from '../demo/feed.ts';
import type { PipelineConfig } from '../pipelines/schema.ts';
import { connectClient, connectOptions } from '../shell/connection.ts';
import { createFileLogger } from '../shell/logging.ts';
import { requireFreePort } from '../shell/ports.ts';
import { aborted, runProcess, type ProcessContext } from '../shell/process.ts';
import { installTemporalRuntime } from '../shell/temporal-runtime.ts';
import { readPipelines, type Pipelines } from '../starter/pipelines.ts';
import { startFollowing } from '../starter/follow-pipelines.ts';
import { findOrStartTemporal, type TemporalServer } from '../starter/server.ts';
import { startWatcher } from '../starter/watch.ts';
import { openLocalStore } from '../store/local-store.ts';
import { createApp, startWeb } from '../web/app.ts';
import { createCommands } from '../web/commands.ts';
import { createQueries } from '../web/queries.ts';
import { createTemporalReader } from '../web/temporal-reader.ts';
import { createTemporalWriter } from '../web/temporal-writer.ts';
import { connectWorker } from '../worker/connect-worker.ts';
import { startWorker, type RunningWorker } from '../worker/worker.ts';

const DEMO_PIPELINES = fileURLToPath(new URL('../demo/pipelines', import.meta.url));
const DEMO_EVERY_MS = 5_000;

const SERVER_KINDS = {
  external: 'already running',
  running: 'embedded, already running',
  path: 'embedded, `temporal` from PATH',
  own: 'embedded, the project’s own copy',
} as const satisfies Record<TemporalServer['kind'], string>;

/** What was started, to be stopped in the opposite order. */
class Running {
  private readonly parts: { readonly name: string; readonly stop: () => Promise<unknown> }[] = [];

  add(name: string, stop: () => Promise<unknown>): void {
    this.parts.push({ name, stop });
  }

  async stop({ logger }: ProcessContext): Promise<void> {
    for (const { name, stop } of this.parts.toReversed()) {
      try {
        await stop();
        logger.info(`Stopped: ${name}`);
      } catch (error) {
        logger.error({ err: error }, `Could not stop cleanly: ${name}: ${String(error)}`);
      }
    }
  }
}

await runProcess({ component: 'calmops', log: createFileLogger }, async (context) => {
  const running = new Running();
  try {
    const { broken } = await startAll(context, running);
    say('', 'Ctrl-C stops everything; data, models and histories stay.');
    await Promise.race([broken, aborted(context.signal)]);
  } catch (error) {
    if (!context.signal.aborted) throw error;
  } finally {
    say('', 'Stopping');
    await running.stop(context);
  }
  return 0;
});

/** Starts every part; `broken` rejects when one that should run on has ended. */
async function startAll(
  context: ProcessContext,
  running: Running,
): Promise<{ readonly broken: Promise<never> }> {
  const { settings, logger, signal } = context;
  const pipelines = await readPipelines(settings.pipelinesFolder, settings.home);
  await requireFreePort(settings.port, settings.host, 'the dashboard', [
    'choose another one with CALMOPS_PORT',
  ]);
  const server = await findOrStartTemporal(settings, (message) => {
    say('', message);
  });
  running.add('Temporal server', () => server.stop());
  say('Temporal', `${server.address} (${server.version}, ${SERVER_KINDS[server.kind]})`);
  say('Temporal UI', server.ui);
  signal.throwIfAborted();

  const worker = await startWorkerPart(context, server, running);
  signal.throwIfAborted();
  const broken = Promise.race([
    server.died.then((how) => {
      throw new Error(`${how}. Nothing is lost; start CalmOps again.`);
    }),
    worker.run.then(() => {
      throw new Error('The worker stopped by itself.');
    }),
  ]);
  // Awaited by the caller; until then it must not count as unhandled.
  broken.catch(() => undefined);
  await startClientParts(context, server, running, pipelines);
  say(
    'logs',
    `${path.relative('', settings.logsFolder)}/, ${path.relative('', settings.home)}/calmops.log`,
  );
  logger.info({ temporal: server.address }, 'CalmOps started');
  return { broken };
}

async function startWorkerPart(
  { settings, logger }: ProcessContext,
  server: TemporalServer,
  running: Running,
): Promise<RunningWorker> {
  installTemporalRuntime(logger, settings.metricsAddress);
  const connection = await connectWorker(connectOptions(server.address));
  running.add('worker connection', () => connection.close());
  const worker = await startWorker({ settings, logger, connection });
  running.add('worker', () => worker.shutdown());
  say('worker', `${settings.computeThreads} compute threads`);
  return worker;
}

async function startClientParts(
  context: ProcessContext,
  server: TemporalServer,
  running: Running,
  pipelines: Pipelines,
): Promise<void> {
  const { settings, logger } = context;
  const options = connectOptions(server.address);
  const client = await connectClient(options);
  running.add('client connection', () => client.connection.close());
  const store = openLocalStore(settings.storeFolder, { mustExist: true });
  const queries = createQueries({ temporal: createTemporalReader(client), store });
  const app = createApp({
    queries,
    commands: createCommands(createTemporalWriter(client), queries),
    temporalUi: { base: server.ui, namespace: options.namespace },
    allowedHosts: settings.allowedHosts,
    log: logger,
  });
  const web = await startWeb({ app, host: settings.host, port: settings.port });
  running.add('dashboard', () => web.close());
  say('dashboard', web.url);

  const { valid, isDemo } = await chosenPipelines(pipelines, settings.home);
  const watcher = startFollowing({ client, store, logger, settings });
  running.add('watcher', () => watcher.close());
  await watcher.ready;
  for (const { name, files } of valid) say('watcher', `${name}: ${files.folder}/${files.glob}`);
  for (const { name } of pipelines.invalid) say('watcher', `${name} is left alone, see above`);
  if (!isDemo) return;
  const demo = startWatcher({ client, store, pipelines: valid, logger, settings });
  running.add('watcher of the demo', () => demo.close());
  await demo.ready;
  startDemo(valid, context, running);
}

async function chosenPipelines(
  pipelines: Pipelines,
  home: string,
): Promise<{ readonly valid: readonly PipelineConfig[]; readonly isDemo: boolean }> {
  if (pipelines.valid.length + pipelines.invalid.length > 0) {
    return { valid: pipelines.valid, isDemo: false };
  }
  return { valid: (await readPipelines(DEMO_PIPELINES, home)).valid, isDemo: true };
}

function startDemo(
  demo: readonly PipelineConfig[],
  { signal, logger }: ProcessContext,
  running: Running,
): void {
  const stopping = new AbortController();
  for (const { name, files } of demo) {
    const feed = startDemoFeed({
      folder: path.resolve(files.folder),
      everyMs: DEMO_EVERY_MS,
      signal: AbortSignal.any([signal, stopping.signal]),
    }).catch((error: unknown) => {
      logger.error({ err: error }, `The demo brings no more files: ${String(error)}`);
    });
    running.add('demo', () => {
      stopping.abort();
      return feed;
    });
    say('demo', `${name}: a file every ${DEMO_EVERY_MS / 1000} s, since pipelines/ holds none`);
  }
}

function say(part: string, what: string): void {
  console.log(part === '' ? what : `${part.padEnd(12)}${what}`);
}
