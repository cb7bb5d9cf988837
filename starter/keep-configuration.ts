import { createHash } from 'node:crypto';
import type { PipelineConfig } from '../pipelines/schema.ts';
import type { ArtefactStore } from '../store/artefact-store.ts';
import { configUri } from '../store/layout.ts';
import { byReference, type StoredConfig } from '../workflows/contract.ts';

/**
 * Keeps a valid configuration in the store, under a name that follows from its content, and gives what workflows carry of
 * it. Keeping the same one again changes nothing, unless what is there was damaged: then it is written anew.
 * @throws InfrastructureError while the store cannot be used
 */
export async function keepConfiguration(
  config: PipelineConfig,
  store: ArtefactStore,
): Promise<StoredConfig> {
  const bytes = new TextEncoder().encode(JSON.stringify(config));
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const uri = configUri(config.name, sha256);
  let stored = await store.put(uri, bytes);
  if (stored.sha256 !== sha256) {
    await store.setAside(uri);
    stored = await store.put(uri, bytes);
  }
  return byReference(config, stored);
}
