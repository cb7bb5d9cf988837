import asc from 'assemblyscript/asc';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Folders of the kernels: the source is in `assembly/`, what is compiled from it in `kernel-binary.ts`. */
export const KERNELS: readonly string[] = ['core/models/boosting/kernel', 'core/models/forest/kernel'];

/** Where the module of a kernel is. */
export function kernelFile(kernel: string): string {
  return path.join(ROOT, kernel, 'kernel-binary.ts');
}

/**
 * The text of the module that holds a kernel, from its source in AssemblyScript.
 * @throws Error with what the compiler has to say, if that is anything
 */
export async function kernelModule(kernel: string): Promise<string> {
  let binary: Uint8Array | undefined;
  const said: string[] = [];
  const { error } = await asc.main(
    [
      ...[`${kernel}/assembly/index.ts`, '--baseDir', ROOT, '--outFile', 'kernel.wasm'],
      ...['-O3', '--converge', '--noAssert', '--runtime', 'stub', '--enable', 'simd'],
    ],
    {
      stderr: { write: (text) => said.push(text.toString()) },
      writeFile: (name, contents) => {
        if (name === 'kernel.wasm' && typeof contents !== 'string') binary = contents;
      },
    },
  );
  if (error !== null || said.length > 0) throw new Error(said.join(''), { cause: error });
  if (binary === undefined) throw new Error(`${kernel} gave no binary`);
  return `/** The compiled kernel, in base64. Written by \`npm run kernel\` from assembly/. */
export const KERNEL_BASE64: string =
  '${Buffer.from(binary).toString('base64')}';
`;
}
