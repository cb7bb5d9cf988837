import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import { pause, pipelineWorkflowId, resume } from '../workflows/contract.ts';
import { runningStatus } from './intake.ts';
import { retrying } from './retrying.ts';

/** Tells running pipelines whether their folder is there. */
export interface Presence {
  /** Pauses the pipeline: what is queued waits until its folder is back, or a person resumes it. */
  gone(pipeline: string): Promise<void>;
  /** Resumes the pipeline if it was paused because its folder was gone, and not if a person paused it. */
  back(pipeline: string): Promise<void>;
}

const BY = 'the watcher';
const FOLDER_GONE = 'its folder is gone from the folder of pipelines';
const ANSWER_WITHIN_MS = 10_000;

/** The pipelines on a Temporal server; needs a worker that answers. */
export function presenceOf(client: Client): Presence {
  const ask = async (update: typeof pause, pipeline: string, why: string): Promise<void> => {
    const handle = client.workflow.getHandle(pipelineWorkflowId(pipeline));
    await client.withDeadline(Date.now() + ANSWER_WITHIN_MS, () =>
      handle.executeUpdate(update, { args: [{ by: BY, why }], updateId: randomUUID() }),
    );
  };
  return {
    gone: async (pipeline) => {
      const status = await runningStatus(client, pipeline);
      if (status !== null && status.paused === null) await ask(pause, pipeline, FOLDER_GONE);
    },
    back: async (pipeline) => {
      const paused = (await runningStatus(client, pipeline))?.paused;
      if (paused?.by !== BY || paused.why !== FOLDER_GONE) return;
      await ask(resume, pipeline, 'its folder is there again');
    },
  };
}

/** Tells pipelines of their folders for as long as it takes; of each pipeline only what is true now. */
export class PresenceTeller {
  private readonly presence: Presence;
  private readonly logger: Logger;
  private readonly telling = new Map<string, AbortController>();

  constructor(presence: Presence, logger: Logger) {
    this.presence = presence;
    this.logger = logger;
  }

  tell(pipeline: string, what: keyof Presence): void {
    this.telling.get(pipeline)?.abort();
    const stopping = new AbortController();
    const { signal } = stopping;
    this.telling.set(pipeline, stopping);
    const { logger } = this;
    const doing = `tell pipeline ${pipeline} that its folder is ${what === 'gone' ? 'gone' : 'there'}`;
    retrying(doing, () => this.presence[what](pipeline), { logger, signal }).catch(
      (error: unknown) => {
        if (!signal.aborted) logger.error({ err: error }, `Could not ${doing}: ${String(error)}`);
      },
    );
  }

  close(): void {
    for (const stopping of this.telling.values()) stopping.abort();
  }
}
