import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { PipelineConfig } from '../pipelines/schema.ts';
import { MAX_BATCH, type DatasetFile } from '../workflows/contract.ts';
import { ConfigurationRefusedError, type Intake } from './intake.ts';
import { retrying } from './retrying.ts';

export interface HandoverOptions {
  readonly intake: Intake;
  readonly config: PipelineConfig;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

const ROOM_POLL_MS = 1_000;

/**
 * Hands files over to one pipeline, in order, no more of them than it has room for, and only once the
 * pipeline has its present configuration. Waits, and tries again, as long as it takes.
 */
export class Handover {
  private readonly options: HandoverOptions;
  private configuring: Promise<void> | null = null;
  /** of one change of the configuration: asked twice, it is made once */
  private readonly updateId = randomUUID();
  /** how many more files the pipeline takes in for certain; it can only have become more */
  private room = 0;

  constructor(options: HandoverOptions) {
    this.options = options;
  }

  /**
   * Puts the configuration in force, whether or not a file comes.
   * @throws ConfigurationRefusedError; AbortError when the signal is aborted
   */
  configure(): Promise<void> {
    const { intake, config } = this.options;
    this.configuring ??= this.retrying('compare configurations', () =>
      intake.configure(config, this.updateId),
    );
    return this.configuring;
  }

  /** @throws ConfigurationRefusedError; AbortError when the signal is aborted */
  async hand(files: readonly DatasetFile[]): Promise<void> {
    const { intake, config } = this.options;
    await this.configure();
    for (let next = 0; next < files.length;) {
      await this.waitForRoom();
      const part = files.slice(next, next + Math.min(this.room, MAX_BATCH));
      await this.retrying(`hand over ${part.length} files`, () => intake.start(config, part));
      this.room -= part.length;
      next += part.length;
    }
  }

  /** Whether the pipeline has nothing to do, so that a file without outcome never reached it. */
  async isIdle(): Promise<boolean> {
    const { intake, config } = this.options;
    const { idle } = await this.retrying('ask what it is doing', () => intake.state(config.name));
    return idle;
  }

  private async waitForRoom(): Promise<void> {
    const { intake, config, signal } = this.options;
    while (this.room <= 0) {
      const state = await this.retrying('ask for room', () => intake.state(config.name));
      this.room = state.room;
      if (this.room <= 0) await delay(ROOM_POLL_MS, undefined, { signal });
    }
  }

  private retrying<T>(what: string, work: () => Promise<T>): Promise<T> {
    return retrying(`${what} (pipeline ${this.options.config.name})`, work, {
      logger: this.options.logger,
      signal: this.options.signal,
      isFinal: (error) => error instanceof ConfigurationRefusedError,
    });
  }
}
