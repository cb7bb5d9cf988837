import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { closest } from './closest.ts';
import { HookFailedError, hookFailed } from './hook-failed.ts';
import type { HookName, Hooks } from './hooks.ts';

/** The hooks of a pipeline, and the file that they come from. */
export interface LoadedHooks extends Hooks {
  /** absolute path */
  readonly file: string;
}

export const HOOK_NAMES = [
  'preprocess',
  'train',
  'retrain',
  'fallback',
  'predict',
  'notify',
] as const satisfies readonly HookName[];

/** By path and content, so that a changed file is loaded anew and an unchanged one only once. */
const loaded = new Map<string, Promise<LoadedHooks>>();

/**
 * Loads a hooks.ts. A file that has changed since it was last loaded is loaded anew; files that it imports are
 * not.
 * @param path absolute
 * @throws HookFailedError if it cannot be read or run, or exports what no hooks.ts may
 */
export async function loadHooks(path: string): Promise<LoadedHooks> {
  let source: Buffer;
  try {
    source = await readFile(path);
  } catch (error) {
    throw hookFailed(null, path, error);
  }
  const version = createHash('sha256').update(source).digest('hex');
  const key = `${path}?${version}`;
  let hooks = loaded.get(key);
  if (hooks === undefined) {
    hooks = importHooks(path, version);
    loaded.set(key, hooks);
  }
  return hooks;
}

/**
 * Calls a hook.
 * @throws HookFailedError if the pipeline has no such hook, or it throws
 */
export async function runHook<N extends HookName>(
  hooks: LoadedHooks,
  name: N,
  ...args: Parameters<NonNullable<Hooks[N]>>
): Promise<Awaited<ReturnType<NonNullable<Hooks[N]>>>> {
  const hook = hooks[name];
  if (hook === undefined) {
    throw new HookFailedError(name, hooks.file, `is not there; add it to defineHooks({ … })`);
  }
  try {
    // The compiler cannot relate the parameters of one of several hooks to its name.
    const call = hook as (...args: unknown[]) => ReturnType<NonNullable<Hooks[N]>>;
    return await call.apply(hooks, args);
  } catch (error) {
    throw hookFailed(name, hooks.file, error);
  }
}

async function importHooks(path: string, version: string): Promise<LoadedHooks> {
  // Without source maps an error would point into compiled code.
  process.setSourceMapsEnabled(true);
  const url = `${pathToFileURL(path).href}?version=${version}`;
  // Outside of an ES module package the file is a CommonJS module, and those are kept by their path alone.
  Reflect.deleteProperty(createRequire(import.meta.url).cache, path);
  let exports: unknown;
  try {
    exports = await importTypeScript(url);
  } catch (error) {
    throw hookFailed(null, path, error);
  }
  return { ...validHooks(exports, path), file: path };
}

/** Built, CalmOps needs no TypeScript loader until there is a hooks.ts. */
const needsLoader = !import.meta.url.endsWith('.ts');
let registering: Promise<void> | undefined;

async function importTypeScript(url: string): Promise<unknown> {
  if (needsLoader) await (registering ??= registerLoader());
  return import(url);
}

/** Outside of an ES module package a hooks.ts is a CommonJS module, which another loader reads. */
async function registerLoader(): Promise<void> {
  const [modules, commonJs] = await Promise.all([import('tsx/esm/api'), import('tsx/cjs/api')]);
  modules.register();
  commonJs.register();
}

function validHooks(exports: unknown, file: string): Hooks {
  const module = exports as Readonly<Record<string, unknown>>;
  const stray = HOOK_NAMES.filter((name) => name in module);
  if (stray.length > 0) {
    throw new HookFailedError(
      null,
      file,
      `${stray.join(', ')} exported by name; put them into export default defineHooks({ … })`,
    );
  }
  const hooks = defaultExport(module);
  if (typeof hooks !== 'object' || hooks === null) {
    throw new HookFailedError(
      null,
      file,
      'no default export; expected export default defineHooks({ … })',
    );
  }
  for (const [name, hook] of Object.entries(hooks)) {
    if (!(HOOK_NAMES as readonly string[]).includes(name)) {
      const meant = closest(name, HOOK_NAMES);
      const hint = meant === undefined ? '' : ` (did you mean ${meant}?)`;
      throw new HookFailedError(
        null,
        file,
        `unknown hook '${name}'${hint}; the hooks are ${HOOK_NAMES.join(', ')}`,
      );
    }
    if (hook !== undefined && typeof hook !== 'function') {
      throw new HookFailedError(name, file, `${typeof hook}, expected a function`);
    }
  }
  return hooks;
}

/** Outside of an ES module package a file's exports come as the default export. */
function defaultExport(module: Readonly<Record<string, unknown>>): unknown {
  const outer = module['default'];
  return typeof outer === 'object' && outer !== null && 'default' in outer ? outer.default : outer;
}
