/** The list of pipelines: what the server's lists tell, and of those that tell nothing what their workflows answer. */
import { breakerAt } from '../core/breaker.ts';
import {
  LIGHT_QUEUE,
  pipelineStatus,
  pipelineWorkflowId,
  type PipelineMemo,
  type PipelineStatus,
} from '../workflows/contract.ts';
import type { Ask } from './ask.ts';
import type { Known } from './known.ts';
import type { PipelineList, VisiblePipeline } from './temporal.ts';

export interface PipelinesView {
  /** by name; a `memo` that is null is one that nobody told */
  readonly pipelines: readonly VisiblePipeline[];
  /** task queues that no worker polls */
  readonly idleQueues: readonly string[];
}

/** Queries under way at once for pipelines that have no memo. */
const CONCURRENT_QUERIES = 8;

const NOTHING: PipelineList = { pipelines: [], idleQueues: [] };

export async function listPipelines(ask: Ask): Promise<Known<PipelinesView>> {
  const known = await ask.memory.latest('pipelines', () => ask.temporal.pipelines());
  const { pipelines, idleQueues } = known?.value ?? NOTHING;
  const stale = known?.stale ?? null;
  const canAnswer = stale === null && !idleQueues.includes(LIGHT_QUEUE);
  const told = canAnswer ? await withStatus(ask, pipelines) : pipelines;
  const nowMs = ask.now().getTime();
  const current = told.map((each) => ({ ...each, memo: memoAt(each.memo, nowMs) }));
  return { value: { pipelines: current, idleQueues }, stale };
}

/** An open breaker becomes half-open by the clock, whoever has noted it. */
function memoAt(memo: PipelineMemo | null, nowMs: number): PipelineMemo | null {
  return memo === null ? null : { ...memo, breaker: breakerAt(memo.breaker, nowMs) };
}

/** Pipelines of a release that wrote no memo, or that began a moment ago. */
async function withStatus(
  { temporal, memory, now }: Ask,
  pipelines: readonly VisiblePipeline[],
): Promise<readonly VisiblePipeline[]> {
  const told = new Map<string, PipelineMemo>();
  // One iterator for all: each takes the next pipeline.
  const waiting = pipelines.filter(({ memo, failing }) => memo === null && !failing).values();
  const work = async (): Promise<void> => {
    for (const { name } of waiting) {
      const known = await memory.latest(`status/${name}`, () =>
        temporal.query(pipelineWorkflowId(name), pipelineStatus),
      );
      const status = known?.value ?? null;
      if (status !== null)
        told.set(name, memoOf(status, known?.stale?.asOf ?? now().toISOString()));
    }
  };
  await Promise.all(Array.from({ length: CONCURRENT_QUERIES }, work));
  return pipelines.map((each) => ({ ...each, memo: each.memo ?? told.get(each.name) ?? null }));
}

export function memoOf(status: PipelineStatus, at: string): PipelineMemo {
  const { config, paused, queued, runs, champion, breaker, last } = status;
  const shadow = status.shadow ?? null;
  return {
    version: 1,
    at,
    description: config.description,
    paused,
    queued,
    runs,
    champion:
      champion === null
        ? null
        : {
            id: champion.model.id,
            trainedOn: champion.model.trainedOn,
            since: champion.since,
            score: champion.model.score,
          },
    shadow:
      shadow === null
        ? null
        : { id: shadow.model.id, filesSeen: shadow.filesSeen, files: shadow.files },
    breaker,
    last,
  };
}
