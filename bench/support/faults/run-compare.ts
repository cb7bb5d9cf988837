import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { clearInterval, setInterval } from 'node:timers';
import { treeMemoryMb, treeSeconds } from '../linux-processes.ts';

const PROGRAM = fileURLToPath(new URL('../../../scripts/calmops.mjs', import.meta.url));
const LOOK_EVERY_MS = 200;
const HANG_MS = 900_000;

/** What `calmops compare` did with two files. */
export interface Compared {
  /** null where it was ended from outside, or hung */
  readonly code: number | null;
  readonly error: string;
  readonly seconds: number;
  /** processor seconds of the process and its children */
  readonly cpuSeconds: number;
  /** most of the process and its children together, in MB */
  readonly memoryMb: number;
}

/** Runs `calmops compare` as a user does, and looks at its processes while it runs. */
export async function runCompare(
  reference: string,
  current: string,
  environment: NodeJS.ProcessEnv,
): Promise<Compared> {
  const began = performance.now();
  const child = spawn(process.execPath, [PROGRAM, 'compare', reference, current], {
    env: environment,
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: HANG_MS,
    killSignal: 'SIGKILL',
  });
  let error = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (error += text));
  let [memoryMb, cpuSeconds] = [0, 0];
  const look = async (): Promise<void> => {
    const pid = child.pid ?? 0;
    memoryMb = Math.max(memoryMb, (await treeMemoryMb(pid)) ?? 0);
    cpuSeconds = Math.max(cpuSeconds, await treeSeconds(pid));
  };
  const timer = setInterval(() => void look(), LOOK_EVERY_MS);
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    const seconds = (performance.now() - began) / 1000;
    return { code, error: error.trim(), seconds, cpuSeconds, memoryMb };
  } finally {
    clearInterval(timer);
  }
}
