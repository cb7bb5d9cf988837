import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../../', import.meta.url));

interface PackageImport {
  readonly from: string;
  readonly package: string;
  readonly kind: string;
}

/** Every import of a package by our modules that an entry can reach, also by way of imports at run time. */
async function packageImports(entry: string): Promise<readonly PackageImport[]> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    splitting: true,
    outdir: 'unwritten',
    write: false,
    metafile: true,
    logLevel: 'error',
  });
  return Object.entries(metafile.inputs).flatMap(([from, { imports }]) =>
    imports
      .filter(({ external }) => external === true)
      .map(({ path, kind }) => ({ from, package: path, kind })),
  );
}

describe('danfojs-node, which brings abandoned packages', () => {
  for (const entry of [
    'data/read-dataset.ts',
    'data/snapshot.ts',
    'starter/main.ts',
    'web/main.ts',
    'cli/compare.ts',
  ]) {
    it(`cannot be reached from ${entry}`, async () => {
      const imports = await packageImports(entry);
      assert.ok(imports.length > 0);
      assert.deepEqual(
        imports.filter((found) => found.package.startsWith('danfojs')),
        [],
      );
    });
  }

  it('is loaded by the frames of hooks alone, when the first one is made', async () => {
    for (const entry of ['worker/main.ts', 'worker/compute-process.ts', 'cli/up.ts']) {
      const found = (await packageImports(entry)).filter((one) =>
        one.package.startsWith('danfojs'),
      );
      for (const one of found) {
        assert.deepEqual(one, {
          from: 'pipelines/frame.ts',
          package: 'danfojs-node',
          kind: 'dynamic-import',
        });
      }
    }
    const inTasks = await packageImports('worker/compute-process.ts');
    assert.ok(inTasks.some((one) => one.package === 'danfojs-node'));
  });
});
