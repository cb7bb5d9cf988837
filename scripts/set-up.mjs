/**
 * What `npm start` and `npm test` do first on a fresh clone. It runs before anything is installed, so it
 * uses nothing but Node.
 */
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { clearInterval, setInterval } from 'node:timers';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

const OLDEST_NODE = [20, 3];

/** Checks the Node version and installs the packages when they are absent or not those of the lock file. */
export async function setUp() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_NODE;
  if (major < oldestMajor || (major === oldestMajor && minor < oldestMinor)) {
    console.error(
      `CalmOps needs Node ${OLDEST_NODE.join('.')} or newer; this is ${process.versions.node}.`,
    );
    process.exit(1);
  }
  if (await isInstalled(root)) return;
  console.error('Installing the packages of package-lock.json (npm ci)');
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const code = await run(npm, ['ci'], { shell: process.platform === 'win32' });
  if (code !== 0) process.exit(code);
}

/**
 * Whether `node_modules` holds what the lock file asks for. Packages for other platforms, which npm leaves
 * out, are optional ones.
 */
export async function isInstalled(folder) {
  const wanted = await readPackages(`${folder}/package-lock.json`);
  const present = await readPackages(`${folder}/node_modules/.package-lock.json`);
  return Object.entries(wanted).every(
    ([path, { version, optional }]) =>
      path === '' || optional === true || present[path]?.version === version,
  );
}

const PARENT_EVERY_MS = 500;

/** Runs a program in the project's folder with this terminal; passes signals on; gives its exit code. */
export function run(command, args, options = {}) {
  const child = spawn(command, args, { cwd: root, stdio: 'inherit', ...options });
  const forward = (signal) => child.kill(signal);
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, forward);
  // npm that is told to end tells its shell, which ends without telling us.
  const npm = process.ppid;
  const watch = setInterval(() => {
    if (process.env.npm_lifecycle_event !== undefined && process.ppid !== npm) forward('SIGTERM');
  }, PARENT_EVERY_MS);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => {
      clearInterval(watch);
      for (const signal of signals) process.off(signal, forward);
      resolve(code ?? 1);
    });
  });
}

async function readPackages(file) {
  try {
    return JSON.parse(await readFile(file, 'utf8')).packages ?? {};
  } catch {
    return {};
  }
}
