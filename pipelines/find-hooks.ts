import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { HookFailedError } from './hook-failed.ts';
import type { HookName } from './hooks.ts';
import { HOOK_NAMES, loadHooks } from './load-hooks.ts';
import type { Problem } from './problem.ts';
import { readPipelineFile } from './read-pipeline-file.ts';
import type { HooksRef, PipelineConfig } from './schema.ts';

export type FoundHooks =
  | {
      readonly kind: 'found';
      /** null when there is no hooks.ts */
      readonly ref: HooksRef | null;
      readonly names: readonly HookName[];
    }
  | { readonly kind: 'faulty'; readonly problem: Problem };

/** Far more than anyone writes: what is larger is not read. */
const MAX_BYTES = 4 * 2 ** 20;

/**
 * The hooks.ts in a folder and the hooks that it defines; for that it is run once.
 * @param folder absolute
 */
export async function findHooks(folder: string): Promise<FoundHooks> {
  const path = join(folder, 'hooks.ts');
  const read = await readPipelineFile(path, MAX_BYTES);
  if (read.kind === 'absent') return { kind: 'found', ref: null, names: [] };
  if (read.kind === 'unreadable') return { kind: 'faulty', problem: read.problem };
  const sha256 = createHash('sha256').update(read.bytes).digest('hex');
  try {
    const hooks = await loadHooks(path);
    const names = HOOK_NAMES.filter((name) => hooks[name] !== undefined);
    return { kind: 'found', ref: { path, sha256 }, names };
  } catch (error) {
    if (!(error instanceof HookFailedError)) throw error;
    const line = Number(/:(\d+)$/.exec(error.at)?.[1] ?? 1);
    return {
      kind: 'faulty',
      problem: {
        file: path,
        line,
        column: 1,
        field: error.hook ?? '',
        found: error.fault,
        expected: 'a hooks.ts that can be loaded',
      },
    };
  }
}

/** A field of a pipeline that relies on hooks which hooks.ts does not define. */
export interface MissingHooks {
  readonly path: readonly string[];
  readonly hooks: readonly HookName[];
}

/** The fields that rely on hooks which are not among those present. */
export function missingHooks(
  { estimator, retrain }: Pick<PipelineConfig, 'estimator' | 'retrain'>,
  present: readonly HookName[],
): readonly MissingHooks[] {
  const needs = [
    { path: ['estimator', 'kind'], value: estimator.kind, hooks: ['train', 'predict'] },
    { path: ['retrain', 'mode'], value: retrain.mode, hooks: ['retrain', 'predict'] },
    { path: ['retrain', 'fallback'], value: retrain.fallback, hooks: ['fallback', 'predict'] },
  ] as const;
  return needs
    .filter(({ value }) => value === 'hooks')
    .map(({ path, hooks }) => ({ path, hooks: hooks.filter((hook) => !present.includes(hook)) }))
    .filter(({ hooks }) => hooks.length > 0);
}
