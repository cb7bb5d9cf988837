import { hashFile } from '../data/hash-file.ts';
import {
  ArtefactDamagedError,
  type ArtefactRef,
  type ArtefactStore,
} from '../store/artefact-store.ts';

/**
 * A path on this machine from which an artefact can be read.
 * @throws ArtefactDamagedError if it is not what it was when it was stored
 */
export async function storedFile(ref: ArtefactRef, store: ArtefactStore): Promise<string> {
  const file = await store.localPath(ref.uri);
  const { sha256 } = await hashFile(file);
  if (sha256 === ref.sha256) return file;
  throw new ArtefactDamagedError(
    `${ref.uri} has the sha256 ${sha256}, not ${ref.sha256}: it was changed after it was stored`,
  );
}
