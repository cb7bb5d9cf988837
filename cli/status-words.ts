import type { VisiblePipeline } from '../web/temporal.ts';
import type { PipelinesView } from '../web/listed-pipelines.ts';
import { COMPUTE_QUEUE, LIGHT_QUEUE } from '../workflows/contract.ts';

/** The pipelines that the folder of pipelines describes, by name. */
export interface DescribedPipelines {
  readonly valid: readonly string[];
  readonly invalid: readonly { readonly name: string; readonly problems: string }[];
}

/**
 * Lines for a terminal, pipeline by pipeline: those that run, and those that have not begun or cannot.
 * @param why what is wrong with pipelines whose workflow code fails, by name
 */
export function statusWords(
  { pipelines, idleQueues }: PipelinesView,
  { valid, invalid }: DescribedPipelines,
  why: ReadonlyMap<string, string>,
): readonly string[] {
  const running = new Set(pipelines.map(({ name }) => name));
  const described = new Set([...valid, ...invalid.map(({ name }) => name)]);
  const canWork = !idleQueues.includes(LIGHT_QUEUE);
  const lines = [
    ...workerWords(idleQueues),
    ...pipelines.flatMap((each) => [
      ...pipelineWords(each, canWork, why.get(each.name)),
      ...(described.has(each.name) ? [] : ['  its folder is gone: nothing brings it files']),
    ]),
    ...valid.filter((name) => !running.has(name)).map((name) => `${name}: has not seen a file yet`),
    ...invalid.map(({ name, problems }) => `${name}: is not valid\n${problems}`),
  ];
  return lines.length > 0 ? lines : ['There is no pipeline.'];
}

function workerWords(idleQueues: readonly string[]): readonly string[] {
  if (idleQueues.includes(LIGHT_QUEUE)) {
    return ['No worker runs: pipelines are shown as they were left, and files wait.'];
  }
  if (idleQueues.length === 0) return [];
  const waits = idleQueues.includes(COMPUTE_QUEUE) ? 'files' : 'trainings';
  return [`No worker takes tasks from ${idleQueues.join(', ')}: ${waits} wait.`];
}

function pipelineWords(
  pipeline: VisiblePipeline,
  canWork: boolean,
  why: string | undefined,
): readonly string[] {
  const { name, memo } = pipeline;
  const state = stateWords(pipeline, canWork);
  const trouble = why === undefined ? [] : [`  ${why}`];
  if (memo === null) return [`${name}: ${state}`, ...trouble];
  const { queued, runs, champion, shadow, breaker, last } = memo;
  return [
    `${name}: ${state}, ${runs} runs, ${queued} queued, breaker ${breaker.kind}`,
    ...trouble,
    `  champion: ${champion === null ? 'none yet' : `${champion.id} since ${champion.since}`}`,
    ...(shadow === null
      ? []
      : [`  in shadow: ${shadow.id}, ${shadow.filesSeen} of ${shadow.files} files seen`]),
    ...(last === null ? [] : [`  last: ${last.fileName} was ${last.outcome}. ${last.reason}`]),
  ];
}

function stateWords({ working, failing, memo }: VisiblePipeline, canWork: boolean): string {
  if (failing) return 'its workflow code fails in the worker';
  if (working !== null) {
    return canWork ? `working on ${working.fileName}` : `${working.fileName} waits for a worker`;
  }
  if (memo === null) return 'has not told its state yet';
  return memo.paused === null ? 'idle' : `paused by ${memo.paused.by}`;
}
