/**
 * A disk, a mount, a permission or a limit of this machine is at fault, not a file's content and not a pipeline.
 * The message says what was tried, what is wrong and what mends it. Trying again helps as soon as it is mended.
 */
export class InfrastructureError extends Error {
  override name = 'InfrastructureError';
}

/**
 * An error of the operating system as an `InfrastructureError`; any other error as it is.
 * @param tried what could not be done, such as `the file /inbox/a.csv cannot be read`
 */
export function asInfrastructureError(error: unknown, tried: string): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error;
  const fault = infrastructureFault(String(error.code));
  return fault === undefined
    ? error
    : new InfrastructureError(`${tried}: ${fault}`, { cause: error });
}

/** What is wrong and what mends it, by the code of the operating system; undefined for a code that says something else. */
export function infrastructureFault(code: string): string | undefined {
  const fault = FAULTS[code];
  return fault === undefined ? undefined : `${fault} (${code})`;
}

/** Does what is given, with errors of the operating system as `asInfrastructureError` has them. */
export async function withInfrastructureErrors<T>(
  tried: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw asInfrastructureError(error, tried);
  }
}

const PERMISSION =
  'permission is denied; give the user that CalmOps runs as the right to read it, and to write where it writes';
const DEVICE = 'its disk reports an error; check the disk and how it is mounted';
const NETWORK =
  'its file system or the server of that is away; mount it again, or bring the server back';
const SERVER = 'the program or machine that it asks does not answer; bring it back';
const ABSENT = 'its folder is not there; mount it, or put it back where it was';
const OPEN_FILES =
  'too many files are open; raise the limit of open files (ulimit -n) or end what holds them';
const IN_USE = 'another program holds it; end that program, or wait for it';

const FAULTS: Readonly<Partial<Record<string, string>>> = {
  ENOENT: ABSENT,
  ENOTDIR: ABSENT,
  EACCES: PERMISSION,
  EPERM: PERMISSION,
  EROFS: 'its file system can only be read; mount it so that it can be written',
  ENOSPC: 'no space is left on its disk; free some',
  EDQUOT: 'the quota of its disk is used up; free some space or raise the quota',
  EIO: DEVICE,
  EREMOTEIO: DEVICE,
  ENXIO: DEVICE,
  ENODEV: DEVICE,
  EMFILE: OPEN_FILES,
  ENFILE: OPEN_FILES,
  ENOMEM: 'the machine is out of memory; end other programs or add memory',
  EBUSY: IN_USE,
  EAGAIN: IN_USE,
  ETXTBSY: IN_USE,
  ECONNREFUSED: SERVER,
  ECONNRESET: SERVER,
  ESTALE: NETWORK,
  ENOTCONN: NETWORK,
  EHOSTDOWN: NETWORK,
  EHOSTUNREACH: NETWORK,
  ENETUNREACH: NETWORK,
  ENETDOWN: NETWORK,
  ETIMEDOUT: NETWORK,
  ESHUTDOWN: NETWORK,
};
