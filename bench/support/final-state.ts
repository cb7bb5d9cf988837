import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

/** What must be the same when the same files run again: by pipeline, its runs in order. */
export type FinalState = Readonly<Record<string, readonly RunEssence[]>>;

/**
 * Of a report all that does not depend on when and where it was made. A file goes by its name, and by the data that were read: one
 * that was not read has an identity by its place and time.
 */
export interface RunEssence {
  readonly fileName: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

const idSchema = z.looseObject({ id: z.string() }).nullish();
const bytesSchema = z.looseObject({ sha256: z.string() });

/** Only what is compared; everything else may be there. */
const reportSchema = z.looseObject({
  summary: z.looseObject({
    sequence: z.number(),
    fileName: z.string(),
    revision: z.number(),
    outcome: z.string(),
    action: z.string().nullable(),
    rows: z.number().nullable(),
    driftScore: z.number().nullable(),
    metric: z.unknown(),
    championId: z.string().nullable(),
  }),
  dataset: z.looseObject({ ref: bytesSchema }).nullable(),
  champion: idSchema,
  drift: z.looseObject({ report: bytesSchema }).nullable(),
  challenger: idSchema,
  comparison: z.unknown(),
  failure: z.looseObject({ type: z.string() }).nullable(),
});

/** Reads the reports of a store, as files. */
export async function finalState(storeFolder: string): Promise<FinalState> {
  const folder = path.join(storeFolder, 'reports');
  const state: Record<string, readonly RunEssence[]> = {};
  for (const pipeline of (await readdir(folder)).sort()) {
    const names = await readdir(path.join(folder, pipeline));
    const texts = await Promise.all(
      names.map((name) => readFile(path.join(folder, pipeline, name), 'utf8')),
    );
    const reports = texts.map((text) => reportSchema.parse(JSON.parse(text)));
    reports.sort((a, b) => a.summary.sequence - b.summary.sequence);
    state[pipeline] = reports.map(essenceOf);
  }
  return state;
}

function essenceOf({
  summary,
  dataset,
  champion,
  drift,
  challenger,
  comparison,
  failure,
}: z.infer<typeof reportSchema>): RunEssence {
  const { sequence, fileName, revision, outcome, action } = summary;
  const { rows, driftScore, metric, championId } = summary;
  const facts = {
    ...{ sequence, revision, outcome, action, rows, driftScore, metric, championId },
    champion: champion?.id ?? null,
    dataset: dataset?.ref.sha256 ?? null,
    drift: drift?.report.sha256 ?? null,
    challenger: challenger?.id ?? null,
    comparison,
    failure: failure?.type ?? null,
  };
  return { fileName, facts };
}

/** Where two states differ, a line for each run. */
export function differences(expected: FinalState, found: FinalState): readonly string[] {
  const pipelines = new Set([...Object.keys(expected), ...Object.keys(found)]);
  return [...pipelines].flatMap((pipeline) => {
    const [one, other] = [expected[pipeline] ?? [], found[pipeline] ?? []];
    return Array.from({ length: Math.max(one.length, other.length) }, (_, i) => {
      const difference = differenceOf(one[i], other[i]);
      return difference === null ? [] : [`${pipeline}, run ${i + 1}: ${difference}`];
    }).flat();
  });
}

/** null if there is none */
function differenceOf(one: RunEssence | undefined, other: RunEssence | undefined): string | null {
  if (one?.fileName !== other?.fileName) {
    return `${nameOf(one)} undisturbed, ${nameOf(other)} disturbed`;
  }
  const keys = Object.keys(one?.facts ?? {});
  const parts = keys.flatMap((key) => {
    const [a, b] = [one, other].map((run) => JSON.stringify(run?.facts[key]));
    return a === b ? [] : [`${key} ${a ?? 'absent'} undisturbed, ${b ?? 'absent'} disturbed`];
  });
  return parts.length === 0 ? null : `${nameOf(one)}: ${parts.join('; ')}`;
}

function nameOf(run: RunEssence | undefined): string {
  return run === undefined ? 'nothing' : JSON.stringify(run.fileName);
}
