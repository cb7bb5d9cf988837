import { mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import { pino } from 'pino';
import { pipelineSchema, type HooksRef, type PipelineConfig } from '../../pipelines/schema.ts';
import { startWatcher } from '../../starter/watch.ts';
import type { ArtefactStore } from '../../store/artefact-store.ts';
import { openLocalStore } from '../../store/local-store.ts';
import { startWorker } from '../../worker/worker.ts';
import { pipelineWorkflowId } from '../../workflows/contract.ts';
import type { monitorPipeline } from '../../workflows/index.ts';
import type { TestTemporal } from './temporal.ts';

/** A pipeline of a test, and its folder. */
export interface WatchedPipeline {
  readonly config: PipelineConfig;
  readonly folder: string;
  readonly pipeline: WorkflowHandle<typeof monitorPipeline>;
  /** Puts a file into the watched folder in one step. */
  drop(name: string, content: string | Uint8Array): Promise<void>;
}

/** CalmOps in this process, on a test's own Temporal server: the real worker, watcher and store. */
export interface TestInstallation extends WatchedPipeline {
  readonly store: ArtefactStore;
  stop(): Promise<void>;
}

/** What a pipeline.yaml of a test says, beside its folder. */
export type PipelineYaml = Readonly<Record<string, unknown>> & { readonly name: string };

/** Starts worker and watcher for one pipeline of the given name. */
export async function startInstallation(
  temporal: TestTemporal,
  yaml: PipelineYaml,
  hooks: HooksRef | null = null,
): Promise<TestInstallation> {
  const watched = await watchedPipeline(temporal, yaml, hooks);
  return { ...watched, ...(await startProcesses(temporal, [watched])) };
}

/** A pipeline with its folder; whoever watches it is another matter, see `startProcesses`. */
export async function watchedPipeline(
  { settings, client }: TestTemporal,
  yaml: PipelineYaml,
  hooks: HooksRef | null = null,
): Promise<WatchedPipeline> {
  const folder = path.join(settings.home, 'incoming', yaml.name);
  await mkdir(folder, { recursive: true });
  const config = { ...pipelineSchema.parse({ files: { folder }, ...yaml }), hooks };
  return {
    config,
    folder,
    pipeline: client.workflow.getHandle(pipelineWorkflowId(config.name)),
    drop: async (name, content) => {
      const partial = path.join(folder, `.${name}.part`);
      await writeFile(partial, content);
      await rename(partial, path.join(folder, name));
    },
  };
}

/** Starts one worker, and one watcher for all of the pipelines. */
export async function startProcesses(
  { settings, client, connection }: TestTemporal,
  watched: readonly WatchedPipeline[],
): Promise<Pick<TestInstallation, 'store' | 'stop'>> {
  const logger = pino({ level: 'silent' });
  const store = openLocalStore(settings.storeFolder);
  const worker = await startWorker({ settings, logger, connection });
  const pipelines = watched.map(({ config }) => config);
  const watcher = startWatcher({ client, store, pipelines, logger, settings });
  await watcher.ready;
  return {
    store,
    stop: async () => {
      await watcher.close();
      await worker.shutdown();
    },
  };
}
