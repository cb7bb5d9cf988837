import { loadModel } from '../../core/models/artefact/artefact.ts';
import type { Model, Predictions } from '../../core/models/model.ts';
import type { Table } from '../../core/table.ts';
import { isHookModel, loadHookModel } from '../../pipelines/hook-model.ts';
import { loadHooks } from '../../pipelines/load-hooks.ts';
import type { PipelineConfig } from '../../pipelines/schema.ts';
import type { ArtefactStore } from '../../store/artefact-store.ts';
import type { ModelRef } from '../../workflows/contract.ts';
import { SchemaMismatchError } from '../environment.ts';
import { readOfModel } from './damaged-model.ts';

/**
 * A model from the store, checked against its hash. A model of a user's needs the pipeline's hooks.
 * @throws DamagedModelError if it is missing, or not what the reference says
 */
export async function openModel(
  ref: Pick<ModelRef, 'id' | 'artefact'>,
  config: PipelineConfig,
  store: ArtefactStore,
): Promise<Model> {
  const { id, artefact } = ref;
  const bytes = await readOfModel(id, () => store.get(artefact.uri, artefact.sha256));
  if (!isHookModel(bytes)) return loadModel(bytes);
  if (config.hooks === null) {
    throw new SchemaMismatchError(
      `model ${id} was made by a train hook; pipeline ${config.name} has no hooks.ts`,
    );
  }
  return loadHookModel(bytes, await loadHooks(config.hooks.path));
}

/** @throws SchemaMismatchError if the table lacks a column of the model or has it as another kind */
export function predictions(model: Model, table: Table): Predictions {
  try {
    return model.predict(table);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new SchemaMismatchError(error.message, { cause: error });
  }
}
