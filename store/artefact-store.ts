/** Points at an immutable artefact. Small enough to travel in any payload. */
export interface ArtefactRef {
  /** path inside the store, e.g. `datasets/<sha256>.parquet` */
  readonly uri: string;
  readonly sha256: string;
  readonly bytes: number;
}

/**
 * Where data, models and reports live. Artefacts are immutable: written whole or not at all, and
 * writing the same uri again keeps what is there.
 */
export interface ArtefactStore {
  /**
   * Stores the bytes under `uri` unless it exists already; returns the reference of what is there now. A folder in its place is
   * no artefact, and is set aside.
   * Safe to call twice and from two processes at once: the first wins.
   */
  put(uri: string, bytes: Uint8Array): Promise<ArtefactRef>;
  /** The same from a file on this machine, which is copied. */
  putFile(uri: string, path: string): Promise<ArtefactRef>;
  /**
   * @throws ArtefactMissingError if nothing is stored under `uri`
   * @throws ArtefactDamagedError if `sha256` is given and the bytes differ, or a folder is in its place
   */
  get(uri: string, sha256?: string): Promise<Uint8Array>;
  exists(uri: string): Promise<boolean>;
  /** uris that start with `prefix`, ascending */
  list(prefix: string): Promise<readonly string[]>;
  /**
   * Takes a damaged artefact away from its uri, so that it can be made anew or put back from a backup. It is kept where no
   * uri leads.
   */
  setAside(uri: string): Promise<void>;
  /**
   * Remembers that an artefact was found damaged.
   * @param wrong what is wrong, in words that are the same whenever the same damage is met
   * @returns ISO 8601, the moment at which this damage was met first
   */
  noticeDamage(uri: string, wrong: string): Promise<string>;
  /**
   * A path on this machine from which a reader such as DuckDB can read the artefact.
   * @throws ArtefactMissingError if nothing is stored under `uri`
   * @throws ArtefactDamagedError if a folder is in its place
   */
  localPath(uri: string): Promise<string>;
}

export class ArtefactMissingError extends Error {
  override name = 'ArtefactMissingError';
}

export class ArtefactDamagedError extends Error {
  override name = 'ArtefactDamagedError';
}

/** Whether an error says that something in the store is damaged or missing, and the store itself is there. */
export function isDamage(error: unknown): error is ArtefactDamagedError | ArtefactMissingError {
  return error instanceof ArtefactDamagedError || error instanceof ArtefactMissingError;
}
