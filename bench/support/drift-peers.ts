import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

export const PEERS = ['evidently', 'nannyml'] as const;
export type Peer = (typeof PEERS)[number];

/** Of its own: these want older packages than the peers of `bench:train`. */
const ENVIRONMENT = '.calmops/bench-drift-venv';
const PACKAGES = ['evidently==0.7.23', 'nannyml==0.13.1', 'pandas<3', 'numpy<2.4', 'pyarrow'];

/**
 * A Python that has the peers; made with the first call.
 * @throws Error if there is no Python 3, or the packages cannot be had
 */
export async function makePeerPython(): Promise<string> {
  const python = `${ENVIRONMENT}/bin/python`;
  if (await works(python, ['-c', 'import evidently, nannyml, pyarrow'])) return python;
  await run('python3', ['-m', 'venv', ENVIRONMENT]);
  await run(python, ['-m', 'pip', 'install', '--quiet', ...PACKAGES]);
  return python;
}

async function works(program: string, args: readonly string[]): Promise<boolean> {
  try {
    await run(program, [...args]);
    return true;
  } catch {
    return false;
  }
}
