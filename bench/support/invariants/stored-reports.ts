import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

const reportSchema = z.looseObject({
  pipeline: z.string(),
  summary: z.looseObject({
    sequence: z.number(),
    workflowId: z.string(),
    fileName: z.string(),
    sha256: z.string(),
    revision: z.number(),
    outcome: z.string(),
    championId: z.string().nullable(),
  }),
  champion: z.looseObject({ id: z.string() }).nullish(),
  challenger: z.looseObject({ id: z.string() }).nullable(),
});

/** What of a report the invariants are about. */
export type StoredReport = z.infer<typeof reportSchema>;

/** The reports of a pipeline in the order of their runs, read as files, and what is wrong with them as such. */
export async function readReports(
  store: string,
  pipeline: string,
): Promise<{ readonly reports: readonly StoredReport[]; readonly problems: readonly string[] }> {
  const folder = path.join(store, 'reports', pipeline);
  const reports: StoredReport[] = [];
  const problems: string[] = [];
  for (const name of existsSync(folder) ? (await readdir(folder)).sort() : []) {
    const report = reportSchema.safeParse(parsed(await readFile(path.join(folder, name), 'utf8')));
    if (!report.success) {
      problems.push(`${name} is no report of a run`);
      continue;
    }
    const { sha256, revision } = report.data.summary;
    const expected = `${sha256}${revision === 0 ? '' : `.${revision}`}.json`;
    if (name !== expected || report.data.pipeline !== pipeline) {
      problems.push(`${name} is the report of ${report.data.pipeline}, ${expected}`);
    }
    reports.push(report.data);
  }
  reports.sort((a, b) => a.summary.sequence - b.summary.sequence);
  return { reports, problems };
}

const pageSchema = z.array(
  z.looseObject({
    sequence: z.number(),
    sha256: z.string(),
    revision: z.number(),
    outcome: z.string(),
    championId: z.string().nullable(),
  }),
);
export type PageEntry = z.infer<typeof pageSchema>[number];

/** All sealed runs of a pipeline in their order. */
export async function readPages(
  store: string,
  pipeline: string,
): Promise<{ readonly entries: readonly PageEntry[]; readonly problems: readonly string[] }> {
  const folder = path.join(store, 'history', pipeline);
  const entries: PageEntry[] = [];
  const problems: string[] = [];
  for (const name of existsSync(folder) ? (await readdir(folder)).sort() : []) {
    const page = pageSchema.safeParse(parsed(await readFile(path.join(folder, name), 'utf8')));
    if (page.success) entries.push(...page.data);
    else problems.push(`history page ${name} is no list of runs`);
  }
  entries.sort((a, b) => a.sequence - b.sequence);
  return { entries, problems };
}

/** undefined where the text is no JSON */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
