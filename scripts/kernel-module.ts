import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
// As a command: the types of its module redeclare Array and other globals for the whole project.
const require = createRequire(import.meta.url);
const COMPILER = require.resolve('assemblyscript/bin/asc.js');

/** Folders of the kernels: the source is in `assembly/`, what is compiled from it in `kernel-binary.ts`. */
export const KERNELS: readonly string[] = [
  'core/models/binning/kernel',
  'core/models/boosting/kernel',
  'core/models/forest/kernel',
  'core/models/linear/kernel',
  'core/models/trees/kernel',
  'core/stats/kernel',
];

/** Where the module of a kernel is. */
export function kernelFile(kernel: string): string {
  return path.join(ROOT, kernel, 'kernel-binary.ts');
}

/**
 * The text of the module that holds a kernel, from its source in AssemblyScript.
 * @throws Error with what the compiler has to say, if that is anything
 */
export async function kernelModule(kernel: string): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'calmops-kernel-'));
  try {
    const outFile = path.join(folder, 'kernel.wasm');
    const { stderr } = await promisify(execFile)(
      process.execPath,
      [
        ...[COMPILER, `${kernel}/assembly/index.ts`, '--baseDir', ROOT, '--outFile', outFile],
        ...['-O3', '--converge', '--noAssert', '--runtime', 'stub', '--enable', 'simd'],
        // Vectors that one file of a kernel gives another never leave the kernel.
        ...['--disableWarning', '112'],
      ],
      { cwd: ROOT },
    );
    if (stderr !== '') throw new Error(stderr);
    return `/** The compiled kernel, in base64. Written by \`npm run kernel\` from assembly/. */
export const KERNEL_BASE64: string =
  '${(await readFile(outFile)).toString('base64')}';
`;
  } finally {
    await rm(folder, { recursive: true });
  }
}
