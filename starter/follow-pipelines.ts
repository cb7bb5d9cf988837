import { stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Client } from '@temporalio/client';
import { watch, type FSWatcher } from 'chokidar';
import type { Logger } from 'pino';
import type { PipelineConfig } from '../pipelines/schema.ts';
import type { Settings } from '../shell/settings.ts';
import type { ArtefactStore } from '../store/artefact-store.ts';
import { intakeOf } from './intake.ts';
import { readPipelines } from './pipelines.ts';
import { presenceOf, PresenceTeller, type Presence } from './presence.ts';
import { watchPipeline, type Watcher, type WatcherOptions } from './watch.ts';

export interface FollowOptions extends Omit<WatcherOptions, 'pipelines'> {
  /** the folder of pipelines; absolute; it may come later */
  readonly folder: string;
  /** the home folder of CalmOps */
  readonly home: string;
  readonly presence: Presence;
}

export interface FollowingWatcher extends Watcher {
  /** when the folder of pipelines was last read to its end, and how long ago, however the clock was set since; null: not yet */
  lastLook(): { readonly at: Date; readonly agoMs: number } | null;
}

/** The files of a pipeline that decide what it is. */
const PIPELINE_FILES: ReadonlySet<string> = new Set(['pipeline.yaml', 'pipeline.yml', 'hooks.ts']);

const SETTLE_MS = 500;
const RESCAN_MS = 30_000;
const POLL_MS = 1_000;
/** What a start waits for the folders of files at most. */
const READY_WITHIN_MS = 10_000;

/** Watches the folders of all pipelines that there are, and of those that come. */
export function startFollowing(options: {
  readonly client: Client;
  readonly store: ArtefactStore;
  readonly logger: Logger;
  readonly settings: Settings;
}): FollowingWatcher {
  const { client, settings, ...rest } = options;
  const { polling, pipelinesFolder } = settings;
  const following = new FollowedPipelines({
    ...rest,
    ...{ intake: intakeOf(client), presence: presenceOf(client) },
    ...{ polling, folder: path.resolve(pipelinesFolder), home: settings.home },
  });
  return {
    ready: following.start(),
    close: () => following.close(),
    lastLook: () => following.lastLook(),
  };
}

/**
 * Begins to watch pipelines as they come into a folder, begins anew as they change, and ends as they go. One that is not
 * valid is left alone, or goes on as it was, until it is mended; what is wrong with it is logged once.
 */
export class FollowedPipelines {
  private readonly options: FollowOptions;
  private readonly watched = new Map<string, { config: PipelineConfig; watcher: Watcher }>();
  private readonly complaints = new Map<string, string>();
  private watcher: FSWatcher | null = null;
  private timer: NodeJS.Timeout | undefined;
  private rescanTimer: NodeJS.Timeout | undefined;
  /** looks at the folder one after the other */
  private looking: Promise<void> = Promise.resolve();
  private closed = false;
  private readonly presence: PresenceTeller;
  private looked: { readonly at: Date; readonly ticks: number } | null = null;

  constructor(options: FollowOptions) {
    this.options = options;
    this.presence = new PresenceTeller(options.presence, options.logger);
  }

  /** See `FollowingWatcher`. */
  lastLook(): ReturnType<FollowingWatcher['lastLook']> {
    if (this.looked === null) return null;
    return { at: this.looked.at, agoMs: performance.now() - this.looked.ticks };
  }

  /** Resolves when changes are noticed, and every pipeline that is there is watched. */
  async start(): Promise<void> {
    const { folder, polling, logger } = this.options;
    const watcher = watch(folder, {
      depth: 1,
      ignoreInitial: true,
      usePolling: polling,
      interval: POLL_MS,
      ignored: (file) => !decides(path.relative(folder, path.resolve(file))),
    });
    this.watcher = watcher;
    watcher.on('all', this.notice);
    watcher.on('error', (error) => {
      logger.warn({ err: error }, `Changes of pipelines may be noticed late: ${String(error)}`);
    });
    await new Promise<void>((resolve) => watcher.once('ready', resolve));
    await this.look();
    // The folder of one may lie on a disk that does not answer: the others are watched all the same.
    const all = Promise.all([...this.watched.values()].map(({ watcher: { ready } }) => ready));
    await Promise.race([all, delay(READY_WITHIN_MS, undefined, { ref: false })]);
    this.rescan();
  }

  /** Resolves when nothing is under way any more. */
  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    clearTimeout(this.rescanTimer);
    this.presence.close();
    await this.watcher?.close();
    await this.looking;
    await Promise.all([...this.watched.values()].map(({ watcher }) => watcher.close()));
  }

  /** Editors write in several steps: the last of them counts. */
  private readonly notice = (): void => {
    if (this.closed) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.look(), this.options.settleMs ?? SETTLE_MS);
  };

  private rescan(): void {
    if (this.closed) return;
    this.rescanTimer = setTimeout(
      () => void this.look().then(() => this.rescan()),
      this.options.rescanMs ?? RESCAN_MS,
    );
  }

  private look(): Promise<void> {
    this.looking = this.looking.then(() => this.update());
    return this.looking;
  }

  private async update(): Promise<void> {
    if (this.closed) return;
    const { folder } = this.options;
    try {
      if (this.watched.size > 0 && !(await isThere(folder))) {
        this.say('', `The folder of pipelines, ${folder}, is gone: they go on as they were`);
        return;
      }
      const { valid, invalid } = await readPipelines(folder, this.options.home);
      this.complaints.delete('');
      for (const { name, problems } of invalid) this.complain(name, problems);
      const there = new Set([...valid, ...invalid].map(({ name }) => name));
      for (const name of this.watched.keys()) if (!there.has(name)) await this.end(name);
      for (const config of valid) await this.begin(config);
      this.looked = { at: new Date(), ticks: performance.now() };
    } catch (error) {
      this.say('', `Pipelines in ${folder} cannot be read: ${String(error)}`);
    }
  }

  private async begin(config: PipelineConfig): Promise<void> {
    const { name, files } = config;
    this.complaints.delete(name);
    const before = this.watched.get(name);
    if (before !== undefined && isDeepStrictEqual(before.config, config)) return;
    await before?.watcher.close();
    if (before === undefined) this.presence.tell(name, 'back');
    const watcher = watchPipeline(config, this.options);
    this.watched.set(name, { config, watcher });
    const how = before === undefined ? 'Watching' : 'Watching, as it was changed,';
    const { logger } = this.options;
    watcher.ready.then(
      () => logger.info({ pipeline: name }, `${how} ${files.folder}/${files.glob}`),
      (error: unknown) => {
        logger.error({ pipeline: name, err: error }, `Cannot be watched: ${String(error)}`);
      },
    );
  }

  private async end(name: string): Promise<void> {
    await this.watched.get(name)?.watcher.close();
    this.watched.delete(name);
    this.presence.tell(name, 'gone');
    const message = 'The pipeline is gone: its files are not watched, and it is paused';
    this.options.logger.info({ pipeline: name }, message);
  }

  private complain(name: string, problems: string): void {
    const then = this.watched.has(name) ? 'goes on as it was' : 'is left alone';
    this.say(name, `Pipeline '${name}' is not valid and ${then} until it is mended:\n${problems}`);
  }

  /** Once, until it is mended or something else is to be said of it. */
  private say(of: string, message: string): void {
    if (this.complaints.get(of) === message) return;
    this.complaints.set(of, message);
    this.options.logger.error(message);
  }
}

async function isThere(folder: string): Promise<boolean> {
  const found = await stat(folder).catch(() => null);
  return found?.isDirectory() ?? false;
}

/** @param relative to the folder of pipelines */
function decides(relative: string): boolean {
  const [name = '', file, ...deeper] = relative.split(path.sep);
  if (name.startsWith('.')) return false;
  return file === undefined || (deeper.length === 0 && PIPELINE_FILES.has(file));
}
