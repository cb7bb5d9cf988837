import { mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import { pino } from 'pino';
import { pipelineSchema, type HooksRef } from '../../pipelines/schema.ts';
import { startWatcher } from '../../starter/watch.ts';
import type { ArtefactStore } from '../../store/artefact-store.ts';
import { openLocalStore } from '../../store/local-store.ts';
import { startWorker } from '../../worker/worker.ts';
import { pipelineWorkflowId } from '../../workflows/contract.ts';
import type { monitorPipeline } from '../../workflows/index.ts';
import type { TestTemporal } from './temporal.ts';

/** CalmOps in this process, on a test's own Temporal server: the real worker, watcher and store. */
export interface TestInstallation {
  readonly store: ArtefactStore;
  readonly folder: string;
  readonly pipeline: WorkflowHandle<typeof monitorPipeline>;
  /** Puts a file into the watched folder in one step. */
  drop(name: string, content: string | Uint8Array): Promise<void>;
  stop(): Promise<void>;
}

/** Starts worker and watcher for one pipeline of the given name. */
export async function startInstallation(
  { settings, client, connection }: TestTemporal,
  yaml: Readonly<Record<string, unknown>> & { readonly name: string },
  hooks: HooksRef | null = null,
): Promise<TestInstallation> {
  const folder = path.join(settings.home, 'incoming', yaml.name);
  await mkdir(folder, { recursive: true });
  const config = { ...pipelineSchema.parse({ files: { folder }, ...yaml }), hooks };
  const logger = pino({ level: 'silent' });
  const store = openLocalStore(settings.storeFolder);
  const worker = await startWorker({ settings, logger, connection });
  const watcher = startWatcher({ client, store, pipelines: [config], logger, settings });
  await watcher.ready;
  return {
    store,
    folder,
    pipeline: client.workflow.getHandle(pipelineWorkflowId(config.name)),
    drop: async (name, content) => {
      const partial = path.join(folder, `.${name}.part`);
      await writeFile(partial, content);
      await rename(partial, path.join(folder, name));
    },
    stop: async () => {
      await watcher.close();
      await worker.shutdown();
    },
  };
}
