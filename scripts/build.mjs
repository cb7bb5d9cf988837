/**
 * `node scripts/build.mjs`: makes JavaScript of the sources in `build/`, which every command runs. Node alone reads
 * it; a loader that compiles each module as it is imported takes half a second and 35 MB of every process.
 *
 * All files of `build/` lie one folder below the root, as the modules do that look for other files from where they
 * stand: what is beside the sources is found from either.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** By name of the file in `build/`. */
const ENTRIES = {
  calmops: 'cli/main.ts',
  'compute-process': 'worker/compute-process.ts',
  'summarise-process': 'data/summarise-process.ts',
  'training-thread': 'worker/training-thread.ts',
  watchdog: 'processes/watchdog.mjs',
};

/** What a build depends on beside our modules: npm writes the last one with each installation. */
const OTHER_INPUTS = ['scripts/build.mjs', 'package.json', 'node_modules/.package-lock.json'];

/** In `build/`: lists what it was made of; it is as old as the moment in which reading that began. */
const INPUTS = 'inputs.json';

/** Builds where a source is newer than the build, or there is none. @returns whether it was built */
export async function buildIfOlder(root = ROOT) {
  if (await isUpToDate(root)) return false;
  await build(root);
  return true;
}

async function isUpToDate(root) {
  const list = path.join(root, 'build', INPUTS);
  try {
    const [inputs, { mtimeMs: built }] = await Promise.all([readFile(list, 'utf8'), stat(list)]);
    const sources = JSON.parse(inputs).map((file) => stat(path.join(root, file)));
    return (await Promise.all(sources)).every(({ mtimeMs }) => mtimeMs < built);
  } catch (error) {
    if (error.code === 'ENOENT') return false;
    throw error;
  }
}

async function build(root) {
  const folder = path.join(root, 'build');
  const began = new Date();
  // Its `build` would leave a process of 150 MB behind, which lives as long as this one.
  const { buildSync } = await import('esbuild');
  const { outputFiles, metafile } = buildSync({
    absWorkingDir: root,
    entryPoints: ENTRIES,
    outdir: folder,
    bundle: true,
    splitting: true,
    chunkNames: 'chunk-[hash]',
    format: 'esm',
    platform: 'node',
    target: 'node20.3',
    external: await externalPackages(root),
    banner: { js: REQUIRE },
    sourcemap: 'linked',
    sourcesContent: false,
    metafile: true,
    write: false,
    logLevel: 'warning',
  });
  await mkdir(folder, { recursive: true });
  await Promise.all(outputFiles.map(({ path: file, contents }) => writeWhole(file, contents)));
  const own = Object.keys(metafile.inputs).filter((file) => !file.includes('node_modules/'));
  const inputs = [...OTHER_INPUTS, ...own];
  await writeWhole(path.join(folder, INPUTS), JSON.stringify(inputs), began);
  await removeOthers(
    folder,
    new Set([INPUTS, ...outputFiles.map((file) => path.basename(file.path))]),
  );
}

/** Of hundreds of small modules: bundled, they are read in a third of the time. */
const BUNDLED = ['@duckdb/node-api', 'yaml', 'zod'];

/** CommonJS modules that are bundled ask for those of Node by it. */
const REQUIRE = `import { createRequire as requireFrom } from 'node:module';
const require = requireFrom(import.meta.url);`;

async function externalPackages(root) {
  const { dependencies } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
  return Object.keys(dependencies ?? {}).filter((name) => !BUNDLED.includes(name));
}

const PART = '.part';

/** Several processes may build at a time: each file is there whole, or not. */
async function writeWhole(file, contents, changed) {
  const part = `${file}.${randomUUID()}${PART}`;
  await writeFile(part, contents);
  if (changed !== undefined) await utimes(part, changed, changed);
  await rename(part, file);
}

async function removeOthers(folder, written) {
  const others = (await readdir(folder)).filter(
    (name) => !written.has(name) && !name.endsWith(PART),
  );
  await Promise.all(others.map((name) => rm(path.join(folder, name), { force: true })));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await build(ROOT);
