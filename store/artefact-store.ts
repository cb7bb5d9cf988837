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
   * Stores the bytes under `uri` unless it exists already; returns the reference of what is there now.
   * Safe to call twice and from two processes at once: the first wins.
   */
  put(uri: string, bytes: Uint8Array): Promise<ArtefactRef>;
  /** The same from a file on this machine, which is copied. */
  putFile(uri: string, path: string): Promise<ArtefactRef>;
  /**
   * @throws ArtefactMissingError if nothing is stored under `uri`
   * @throws ArtefactDamagedError if `sha256` is given and the bytes differ
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
  /** A path on this machine from which a reader such as DuckDB can read the artefact. */
  localPath(uri: string): Promise<string>;
}

export class ArtefactMissingError extends Error {
  override name = 'ArtefactMissingError';
}

export class ArtefactDamagedError extends Error {
  override name = 'ArtefactDamagedError';
}
