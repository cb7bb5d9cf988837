import type { Model, ModelSchema } from '../../core/models/model.ts';
import type { Table } from '../../core/table.ts';
import { createHookTrainingData } from '../../pipelines/hook-data.ts';
import { createHookModel, isModelOfHooks } from '../../pipelines/hook-model.ts';
import { loadHooks, runHook } from '../../pipelines/load-hooks.ts';
import type { PipelineConfig } from '../../pipelines/schema.ts';
import type { ComputeTasks } from '../../workflows/contract.ts';

type TrainInput = Parameters<ComputeTasks['train']>[0];

/** Whether a hook trains: always for the estimator `hooks`, and in the mode `hooks` from a champion on. */
export function trainsByHook({ config, parent, mode }: TrainInput): boolean {
  return config.estimator.kind === 'hooks' || (mode === 'hooks' && parent !== null);
}

/**
 * Trains with the pipeline's hook for the occasion: `fallback` after a refusal, `retrain` from a champion in
 * the mode `hooks`, otherwise `train`.
 * @param table the rows to train on
 * @param champion the model to train from; null for the first one
 * @throws HookFailedError
 */
export async function trainByHook(
  table: Table,
  schema: ModelSchema,
  { config, mode, refusal }: TrainInput,
  champion: Model | null,
): Promise<Model> {
  const hooks = await loadHooks(hooksPath(config));
  const data = createHookTrainingData(table, schema, config.seed);
  const state = champion !== null && isModelOfHooks(champion) ? champion.state : null;
  if (mode !== 'hooks' || champion === null) {
    return createHookModel(schema, await runHook(hooks, 'train', data), hooks);
  }
  const trained =
    refusal === null
      ? await runHook(hooks, 'retrain', data, state)
      : await runHook(hooks, 'fallback', data, state, refusal);
  return createHookModel(schema, trained, hooks);
}

function hooksPath({ name, hooks }: PipelineConfig): string {
  if (hooks !== null) return hooks.path;
  throw new Error(`pipeline ${name} was let through with hooks to train by and no hooks.ts`);
}
