import { hasCode } from '../core/error-code.ts';
import { keptIn } from '../pipelines/inbox.ts';
import { loadPipelines } from '../pipelines/load-pipeline.ts';
import { formatProblems } from '../pipelines/problem.ts';
import type { PipelineConfig } from '../pipelines/schema.ts';

/** The pipelines of a folder: those that can run, and what is wrong with the others. */
export interface Pipelines {
  readonly valid: readonly PipelineConfig[];
  readonly invalid: readonly { readonly name: string; readonly problems: string }[];
}

/**
 * A folder that does not exist holds no pipelines.
 * @param home of CalmOps, parts of which no pipeline may watch
 */
export async function readPipelines(folder: string, home: string): Promise<Pipelines> {
  const loaded = await loadPipelines(folder, keptIn(home)).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  });
  return {
    valid: loaded.flatMap((pipeline) => (pipeline.kind === 'valid' ? [pipeline.config] : [])),
    invalid: loaded.flatMap((pipeline) =>
      pipeline.kind === 'invalid'
        ? [{ name: pipeline.name, problems: formatProblems(pipeline.problems) }]
        : [],
    ),
  };
}

/** No pipeline of this name can run. */
export class NoSuchPipelineError extends Error {
  override name = 'NoSuchPipelineError';
}

/** @throws NoSuchPipelineError with the pipeline's problems, or the names that there are */
export function pipelineNamed(
  { valid, invalid }: Pipelines,
  name: string,
  folder: string,
): PipelineConfig {
  const found = valid.find((config) => config.name === name);
  if (found !== undefined) return found;
  const broken = invalid.find((pipeline) => pipeline.name === name);
  if (broken !== undefined) {
    throw new NoSuchPipelineError(`Pipeline '${name}' is not valid:\n${broken.problems}`);
  }
  const names = valid.map((config) => config.name).join(', ');
  throw new NoSuchPipelineError(
    `No pipeline '${name}' in ${folder}; there ${names === '' ? 'is none' : `are: ${names}`}.`,
  );
}
