import { z } from 'zod';
import { InfrastructureError } from '../core/infrastructure-error.ts';
import type { PipelineConfig } from '../pipelines/schema.ts';
import {
  ArtefactDamagedError,
  ArtefactMissingError,
  type ArtefactStore,
} from '../store/artefact-store.ts';
import { parseJson } from '../store/json.ts';
import type { GivenConfig, StoredConfig } from '../workflows/contract.ts';

/** Gives what a task was told, with the whole of a configuration that travelled by reference. */
export type WithWholeConfig = <I extends { readonly config: GivenConfig }>(
  input: I,
) => Promise<Omit<I, 'config'> & { readonly config: PipelineConfig }>;

/** Configurations that a process remembers: those of the pipelines that it worked for last. */
const REMEMBERED = 50;

/**
 * Reads configurations from the store and remembers the latest. Their names follow from their content, so that what is
 * remembered is never out of date. A configuration that is not there, or is damaged, is a matter of the environment: an
 * `InfrastructureError` says so.
 */
export function createWithWholeConfig(store: ArtefactStore): WithWholeConfig {
  const remembered = new Map<string, PipelineConfig>();
  const wholeOf = async (config: GivenConfig): Promise<PipelineConfig> => {
    if (!('stored' in config)) return config;
    const { uri } = config.stored;
    const whole = remembered.get(uri) ?? (await readConfig(config, store));
    // The one that was asked for last is the last to be forgotten.
    remembered.delete(uri);
    remembered.set(uri, whole);
    const [oldest] = remembered.keys();
    if (remembered.size > REMEMBERED && oldest !== undefined) remembered.delete(oldest);
    return whole;
  };
  return async (input) => ({ ...input, config: await wholeOf(input.config) });
}

async function readConfig(
  { name, stored: { uri, sha256 } }: StoredConfig,
  store: ArtefactStore,
): Promise<PipelineConfig> {
  try {
    const bytes = await store.get(uri, sha256);
    return parseJson(bytes, { schema: configOf(name), what: uri });
  } catch (error) {
    const isLost = error instanceof ArtefactMissingError || error instanceof ArtefactDamagedError;
    if (!isLost) throw error;
    throw new InfrastructureError(
      `The configuration of pipeline '${name}' cannot be read: ${error.message}. Put it back from a backup of the store, or restart the watcher, which writes the configuration that is in force anew`,
      { cause: error },
    );
  }
}

/**
 * That the bytes are those that a valid configuration was written as is what their sha256 says. They are not held against the
 * present schema: a pipeline goes on with what it has, also where a later release takes less or more.
 */
const configOf = (name: string): z.ZodType<PipelineConfig> =>
  z.custom<PipelineConfig>((value) => essentials(name).safeParse(value).success, {
    error: `not a configuration of pipeline '${name}'`,
  });

const essentials = (name: string): z.ZodType =>
  z.looseObject({
    name: z.literal(name),
    target: z.string(),
    files: z.looseObject({ folder: z.string() }),
    hooks: z.looseObject({ path: z.string(), sha256: z.string() }).nullable(),
  });
