import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * A Python in a virtual environment that can import some modules; made with the first call.
 * @param folder of the environment
 * @param modules as they are imported
 * @param packages as pip installs them
 * @throws Error if there is no Python 3, or the packages cannot be had
 */
export async function makePython(
  folder: string,
  modules: readonly string[],
  packages: readonly string[],
): Promise<string> {
  const python = `${folder}/bin/python`;
  if (await imports(python, modules)) return python;
  await run('python3', ['-m', 'venv', folder]);
  await run(python, ['-m', 'pip', 'install', '--quiet', ...packages]);
  return python;
}

/** Can a Python import the modules? */
export async function imports(program: string, modules: readonly string[]): Promise<boolean> {
  try {
    await run(program, ['-c', `import ${modules.join(', ')}`]);
    return true;
  } catch {
    return false;
  }
}
