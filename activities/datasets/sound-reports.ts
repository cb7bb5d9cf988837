import type { z } from 'zod';
import { isDamage, type ArtefactStore } from '../../store/artefact-store.ts';
import { getJson } from '../../store/json.ts';
import { reportUri } from '../../workflows/contract.ts';

/** What of the reports of a file is asked for, and the reports that cannot be read. */
export interface SoundReports<T> {
  readonly reports: readonly T[];
  /** their uris, with what is wrong */
  readonly damaged: readonly { readonly uri: string; readonly error: Error }[];
}

/** The reports of all runs of a file, as far as they are sound. */
export async function soundReports<T>(
  { pipeline, sha256 }: { readonly pipeline: string; readonly sha256: string },
  schema: z.ZodType<T>,
  store: ArtefactStore,
): Promise<SoundReports<T>> {
  const uris = await store.list(reportUri(pipeline, sha256, 0).replace(/json$/, ''));
  const reports: T[] = [];
  const damaged: { uri: string; error: Error }[] = [];
  for (const uri of uris) {
    try {
      reports.push(await getJson(store, uri, schema));
    } catch (error) {
      if (!isDamage(error)) throw error;
      damaged.push({ uri, error });
    }
  }
  return { reports, damaged };
}
