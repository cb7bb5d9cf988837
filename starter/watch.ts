import path from 'node:path';
import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import type { PipelineConfig } from '../pipelines/schema.ts';
import { pipelineLogger } from '../shell/logging.ts';
import type { Settings } from '../shell/settings.ts';
import type { ArtefactStore } from '../store/artefact-store.ts';
import { FileFeed } from './file-feed.ts';
import { Handover } from './handover.ts';
import { identityOf } from './identity.ts';
import { intakeOf, type Intake } from './intake.ts';
import { FolderWatch } from './watch-folder.ts';

export interface WatcherOptions {
  readonly intake: Intake;
  readonly store: ArtefactStore;
  readonly pipelines: readonly PipelineConfig[];
  readonly logger: Logger;
  readonly polling: boolean;
  readonly settleMs?: number;
  readonly rescanMs?: number;
}

export interface Watcher {
  /** resolves when every folder is watched and was read once */
  readonly ready: Promise<void>;
  /** Resolves when nothing is under way any more. Files not handed over are found at the next start. */
  close(): Promise<void>;
}

const SETTLE_MS = 500;
const RESCAN_MS = 30_000;

/** Watches the folders of the pipelines and hands every settled file to its pipeline on Temporal. */
export function startWatcher(options: {
  readonly client: Client;
  readonly store: ArtefactStore;
  readonly pipelines: readonly PipelineConfig[];
  readonly logger: Logger;
  readonly settings: Settings;
}): Watcher {
  const { client, settings, ...rest } = options;
  return watchPipelines({ ...rest, intake: intakeOf(client), polling: settings.polling });
}

/** The same with any intake. */
export function watchPipelines(options: WatcherOptions): Watcher {
  const watches = options.pipelines.map((config) => watchPipeline(config, options));
  return {
    ready: Promise.all(watches.map(({ ready }) => ready)).then(() => undefined),
    close: async () => {
      await Promise.all(watches.map((watch) => watch.close()));
    },
  };
}

/** Watches the folder of one pipeline. */
export function watchPipeline(
  config: PipelineConfig,
  options: Omit<WatcherOptions, 'pipelines'>,
): Watcher {
  const stopping = new AbortController();
  const { signal } = stopping;
  const logger = pipelineLogger(options.logger, config.name);
  const { intake, store } = options;
  const handover = new Handover({ intake, config, store, logger, signal });
  const folderPath = path.resolve(config.files.folder);
  const feed = new FileFeed({
    pipeline: config.name,
    folder: folderPath,
    store,
    logger,
    signal,
    identify: (file, settled) => identityOf(file, settled, config.files.followSymlinks),
    hand: (files) => handover.hand(files),
    oldestUnsettled: () => folder.oldestUnsettled(),
  });
  const folder: FolderWatch = new FolderWatch({
    folder: folderPath,
    glob: config.files.glob,
    settleMs: options.settleMs ?? SETTLE_MS,
    rescanMs: options.rescanMs ?? RESCAN_MS,
    polling: options.polling,
    followSymlinks: config.files.followSymlinks,
    logger,
    onSettled: feed.offer,
    onGone: feed.forget,
  });
  handover.configure().catch((error: unknown) => {
    if (!signal.aborted) feed.refuse(error);
  });
  return {
    ready: folder.start(),
    close: async () => {
      stopping.abort();
      folder.close();
      await feed.close();
      await handover.close();
    },
  };
}
