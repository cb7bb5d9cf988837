import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { PipelineConfig } from '../pipelines/schema.ts';
import type { ArtefactStore } from '../store/artefact-store.ts';
import type { DatasetFile, OfferAnswer, StoredConfig } from '../workflows/contract.ts';
import { batchesOf } from './batches.ts';
import { ConfigurationRefusedError, NobodyAnswersError, type Intake } from './intake.ts';
import { keepConfiguration } from './keep-configuration.ts';
import { retrying, type IsFinal } from './retrying.ts';

export interface HandoverOptions {
  readonly intake: Intake;
  readonly config: PipelineConfig;
  /** where the whole configuration is kept: pipelines are given a reference to it */
  readonly store: ArtefactStore;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** Between two questions for room, and between two offers that nobody answers: longer each time. */
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 5_000;

/**
 * Hands files over to one pipeline, in order, and only once the pipeline has its present configuration. What it did
 * not take in is offered again when there is room. Waits, and tries again, as long as it takes.
 */
export class Handover {
  private readonly options: HandoverOptions;
  private configuring: Promise<void> | null = null;
  /** what is being written to the store, or was last */
  private keeping: Promise<StoredConfig> | null = null;
  /** of one change of the configuration: asked twice, it is made once */
  private readonly updateId = randomUUID();

  constructor(options: HandoverOptions) {
    this.options = options;
  }

  /**
   * Puts the configuration in force, whether or not a file comes.
   * @throws ConfigurationRefusedError; AbortError when the signal is aborted
   */
  configure(): Promise<void> {
    this.configuring ??= this.putInForce();
    return this.configuring;
  }

  private async putInForce(): Promise<void> {
    const kept = await this.kept();
    const configure = (): Promise<void> => this.options.intake.configure(kept, this.updateId);
    await this.retrying('compare configurations', configure, isRefused);
  }

  private kept(): Promise<StoredConfig> {
    const { config, store } = this.options;
    return this.retrying('keep the configuration', () => {
      const keeping = keepConfiguration(config, store);
      this.keeping = keeping;
      return keeping;
    });
  }

  /** Resolves when nothing is written to the store any more, once the signal is aborted. */
  async close(): Promise<void> {
    await Promise.allSettled([this.keeping]);
  }

  /**
   * Resolves when the pipeline has said of each file that it has it.
   * @throws ConfigurationRefusedError; AbortError when the signal is aborted
   */
  async hand(files: readonly DatasetFile[]): Promise<void> {
    await this.configure();
    // Once more: the store may have lost it since.
    const config = await this.kept();
    for (let left = files; ;) {
      const [part] = batchesOf(left);
      if (part === undefined) return;
      const { taken, known } = await this.offer(config, part);
      left = left.slice(taken + known);
      if (taken + known < part.length) await this.waitForRoom();
    }
  }

  /** Files that nobody answers for are left with the server once, so that they are there when a worker is. */
  private async offer(config: StoredConfig, files: readonly DatasetFile[]): Promise<OfferAnswer> {
    const { intake, logger, signal } = this.options;
    const what = files.length === 1 ? '1 file' : `${files.length} files`;
    for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS)) {
      try {
        return await this.retrying(`hand over ${what}`, () => intake.offer(config, files));
      } catch (error) {
        if (!(error instanceof NobodyAnswersError)) throw error;
        if (waitMs === FIRST_WAIT_MS) {
          logger.warn(`${error.message}. The server keeps ${what} until then.`);
          await this.retrying(`leave ${what} with the server`, () => intake.tell(config, files));
        }
        await delay(waitMs, undefined, { signal });
      }
    }
  }

  private async waitForRoom(): Promise<void> {
    const { intake, config, signal } = this.options;
    for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS)) {
      const room = await this.retrying('ask for room', () => intake.room(config.name));
      if (room > 0) return;
      await delay(waitMs, undefined, { signal });
    }
  }

  private retrying<T>(
    what: string,
    work: () => Promise<T>,
    isFinal: IsFinal = isNoAnswer,
  ): Promise<T> {
    return retrying(`${what} (pipeline ${this.options.config.name})`, work, {
      logger: this.options.logger,
      signal: this.options.signal,
      isFinal,
    });
  }
}

/** A configuration that is refused stays so. */
const isRefused: IsFinal = (error) => error instanceof ConfigurationRefusedError;
/** Whoever waits for an answer has something to do meanwhile. */
const isNoAnswer: IsFinal = (error) => error instanceof NobodyAnswersError;
