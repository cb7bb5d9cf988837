import { createHash, randomUUID } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, rm, stat, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { hasCode } from '../core/error-code.ts';
import { InfrastructureError, withInfrastructureErrors } from '../core/infrastructure-error.ts';
import { shortPath } from '../core/short-path.ts';
import { ArtefactDamagedError, ArtefactMissingError } from './artefact-store.ts';
import type { ArtefactRef, ArtefactStore } from './artefact-store.ts';
import { DAMAGED_FOLDER, firstNoticed, moveAside } from './damaged-folder.ts';

/** Where artefacts are written before they have their name; no uri can lead into it. */
const TEMPORARY_FOLDER = '.tmp';
/** Whatever is older was left by a process that died. */
const LEFTOVER_AGE_MS = 24 * 60 * 60 * 1000;
const COPY_BUFFER_BYTES = 1 << 20;

export interface LocalStoreOptions {
  /** the folder was made before: where it is missing now, it is away; absent: it is made when the first artefact is put */
  readonly mustExist?: boolean;
}

/**
 * A store in a folder of this machine.
 *
 * An artefact is written to a temporary file, synced, and then linked to its name, which fails if the name
 * is taken: so readers see whole artefacts only, the first of two writers wins, and a crash leaves at most
 * a temporary file, which a later process removes.
 *
 * A folder that was there once and is not any more, or is empty like the mount point of a disk that is away, is waited for:
 * nothing is begun anew in its place, and nothing is said to be missing. That, a full disk and other trouble with the machine are an `InfrastructureError` of each function.
 *
 * @param folder absolute
 */
export function openLocalStore(
  folder: string,
  { mustExist = false }: LocalStoreOptions = {},
): ArtefactStore {
  const place = (uri: string): string => path.join(folder, ...segmentsOf(uri));
  let wasThere = mustExist;

  /** @throws InfrastructureError if the folder was there once and is not any more, or is empty now */
  async function requireThere(): Promise<void> {
    const entries = await ifPresent(readdir(folder));
    if (entries !== null && entries.length > 0) wasThere = true;
    else if (wasThere) throw new InfrastructureError(away(folder));
  }

  const openTemporary = temporaryFilesIn(folder, async () => {
    await requireThere();
    if (!wasThere) await mkdir(folder, { recursive: true });
    wasThere = true;
  });

  async function folderOfDamaged(): Promise<string> {
    await requireThere();
    const damaged = path.join(folder, DAMAGED_FOLDER);
    await makeFolder(folder, damaged);
    return damaged;
  }

  async function setAside(uri: string): Promise<void> {
    await ifPresent(moveAside(await folderOfDamaged(), uri, place(uri)));
  }

  async function write(uri: string, source: AsyncIterable<Uint8Array>): Promise<ArtefactRef> {
    const target = place(uri);
    const there = await describe(uri, target);
    if (there === 'folder') await setAside(uri);
    else if (there !== null) return there;
    const temporary = await openTemporary();
    try {
      const written = await writeSynced(temporary.handle, source);
      if (await publish(folder, temporary.file, target)) return { uri, ...written };
      const other = await describe(uri, target);
      return other === null || other === 'folder' ? missing(uri) : other;
    } finally {
      await ifPresent(unlink(temporary.file));
    }
  }

  async function found<T>(uri: string, present: Promise<T>): Promise<T> {
    const value = await ifPresent(present);
    if (value !== null) return value;
    await requireThere();
    return missing(uri);
  }

  const guarded = <T>(work: () => Promise<T>): Promise<T> =>
    withInfrastructureErrors(`the store ${shortPath(folder)} cannot be used`, work);

  return {
    put: (uri, bytes) => guarded(() => write(uri, once(bytes))),
    putFile: (uri, file) => guarded(() => write(uri, pieces(file))),
    get: (uri, sha256) =>
      guarded(async () => {
        const bytes = await found(uri, readWhole(uri, place(uri)));
        if (sha256 !== undefined) requireHash(uri, bytes, sha256);
        return bytes;
      }),
    exists: (uri) =>
      guarded(async () => {
        const there = await ifPresent(stat(place(uri)));
        if (there === null) await requireThere();
        return there?.isFile() ?? false;
      }),
    list: (prefix) =>
      guarded(async () => {
        await requireThere();
        return list(folder, prefix);
      }),
    localPath: (uri) =>
      guarded(async () => {
        const file = place(uri);
        if (!(await found(uri, stat(file))).isFile()) throw isFolder(uri);
        return file;
      }),
    setAside: (uri) => guarded(() => setAside(uri)),
    noticeDamage: (uri, wrong) =>
      guarded(async () => firstNoticed(await folderOfDamaged(), uri, wrong)),
  };
}

function requireHash(uri: string, bytes: Uint8Array, expected: string): void {
  const hash = createHash('sha256').update(bytes).digest('hex');
  if (hash === expected) return;
  throw new ArtefactDamagedError(
    `${uri} has sha256 ${hash} (${bytes.byteLength} bytes), expected ${expected}`,
  );
}

function away(folder: string): string {
  return `the store ${shortPath(folder)} is not there; mount it, or put it back where it was: nothing is begun anew in its place`;
}

/**
 * The folders and the name that a uri stands for.
 * @throws RangeError if the uri could lead out of the store or mean different files on different systems
 */
function segmentsOf(uri: string): readonly string[] {
  const segments = uri.split('/');
  // A segment that begins with a letter, digit or underscore is neither '.', '..' nor hidden.
  const valid = segments.every((segment) => /^[A-Za-z0-9_][A-Za-z0-9._-]{0,199}$/.test(segment));
  if (valid && uri.length <= 500) return segments;
  throw new RangeError(
    `artefact uri ${JSON.stringify(uri)}: expected a relative path of letters, digits, '.', '_' and '-' between single slashes, at most 500 characters`,
  );
}

async function readWhole(uri: string, file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    if (hasCode(error, 'EISDIR')) throw isFolder(uri);
    throw error;
  }
}

const isFolder = (uri: string): ArtefactDamagedError =>
  new ArtefactDamagedError(`${uri} is a folder, and should be a file`);

async function describe(uri: string, file: string): Promise<ArtefactRef | 'folder' | null> {
  const handle = await ifPresent(open(file));
  if (handle === null) return null;
  if ((await handle.stat()).isDirectory()) {
    await handle.close();
    return 'folder';
  }
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const piece of readAll(handle)) {
    hash.update(piece);
    bytes += piece.byteLength;
  }
  return { uri, sha256: hash.digest('hex'), bytes };
}

/** A new file that is open for writing, and has no name that readers know. */
interface TemporaryFile {
  readonly file: string;
  readonly handle: FileHandle;
}

/**
 * Opens the file into which the next artefact is written before it has its name. The folder of these files is looked after when the
 * first one is opened.
 * @param requireFolder makes the folder of the store if there never was one; rejects where it is away
 */
function temporaryFilesIn(
  folder: string,
  requireFolder: () => Promise<void>,
): () => Promise<TemporaryFile> {
  const temporaryFolder = path.join(folder, TEMPORARY_FOLDER);
  let isPrepared = false;
  return async () => {
    const file = path.join(temporaryFolder, randomUUID());
    const handle = isPrepared ? await ifPresent(open(file, 'wx')) : null;
    if (handle !== null) return { file, handle };
    await requireFolder();
    await makeFolder(folder, temporaryFolder);
    await removeLeftovers(temporaryFolder);
    isPrepared = true;
    return { file, handle: await open(file, 'wx') };
  };
}

async function removeLeftovers(temporaryFolder: string): Promise<void> {
  const oldest = Date.now() - LEFTOVER_AGE_MS;
  for (const name of await readdir(temporaryFolder)) {
    const file = path.join(temporaryFolder, name);
    const found = await ifPresent(stat(file));
    if (found !== null && found.mtimeMs < oldest) await rm(file, { force: true });
  }
}

/** Closes the handle. */
async function writeSynced(
  handle: FileHandle,
  source: AsyncIterable<Uint8Array>,
): Promise<Pick<ArtefactRef, 'sha256' | 'bytes'>> {
  try {
    const hash = createHash('sha256');
    let bytes = 0;
    for await (const piece of source) {
      hash.update(piece);
      bytes += piece.byteLength;
      await handle.writeFile(piece);
    }
    await handle.sync();
    return { sha256: hash.digest('hex'), bytes };
  } finally {
    await handle.close();
  }
}

/** Gives a temporary file its name; false if the name is taken. */
async function publish(folder: string, temporary: string, target: string): Promise<boolean> {
  let created = false;
  try {
    // The folder is there but for the first artefact in it.
    const linked = await ifPresent(link(temporary, target).then(() => true));
    if (linked === null) {
      created = await makeFolder(folder, path.dirname(target));
      await link(temporary, target);
    }
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
  await syncFolders(path.dirname(target), created ? folder : path.dirname(target));
  return true;
}

/**
 * Makes a folder of the store and those above it, but never that of the store itself: it may have been moved away.
 * @returns whether there was one to make
 */
async function makeFolder(root: string, wanted: string): Promise<boolean> {
  let made = false;
  const names = path.relative(root, wanted).split(path.sep);
  for (let depth = 1; depth <= names.length; depth++) {
    try {
      await mkdir(path.join(root, ...names.slice(0, depth)));
      made = true;
    } catch (error) {
      if (hasCode(error, 'ENOENT')) throw new InfrastructureError(away(root), { cause: error });
      if (!hasCode(error, 'EEXIST')) throw error;
    }
  }
  return made;
}

/** Makes new names durable: in the folder itself, and in those above it that were just made. */
async function syncFolders(from: string, upTo: string): Promise<void> {
  for (let folder = from; ; folder = path.dirname(folder)) {
    const handle = await open(folder);
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
    if (folder === upTo) return;
  }
}

async function list(folder: string, prefix: string): Promise<readonly string[]> {
  const uris: string[] = [];
  async function visit(relative: string): Promise<void> {
    const entries = await ifPresent(readdir(path.join(folder, relative), { withFileTypes: true }));
    for (const entry of entries ?? []) {
      const uri = relative === '' ? entry.name : `${relative}/${entry.name}`;
      if (entry.name.startsWith('.')) continue;
      if (!entry.isDirectory()) {
        if (uri.startsWith(prefix)) uris.push(uri);
      } else if (`${uri}/`.startsWith(prefix) || prefix.startsWith(`${uri}/`)) await visit(uri);
    }
  }
  // What is asked for is below the folders that the prefix names whole.
  const start = prefix.split('/').slice(0, -1);
  if (start.every((name) => name !== '' && !name.startsWith('.'))) await visit(start.join('/'));
  return uris.sort();
}

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield await Promise.resolve(bytes);
}

async function* pieces(file: string): AsyncIterable<Uint8Array> {
  yield* readAll(await open(file));
}

/** The content from where the handle stands, in pieces that are good until the next; closes the handle. */
async function* readAll(handle: FileHandle): AsyncIterable<Uint8Array> {
  try {
    // No more than the file is long: what is set aside outside of the heap counts for the garbage collector.
    const { size } = await handle.stat();
    const buffer = Buffer.allocUnsafe(Math.min(size, COPY_BUFFER_BYTES));
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, null);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}

async function ifPresent<T>(found: Promise<T>): Promise<T | null> {
  try {
    return await found;
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR')) return null;
    throw error;
  }
}

function missing(uri: string): never {
  throw new ArtefactMissingError(`nothing is stored under ${uri}`);
}
