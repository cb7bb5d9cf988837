import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Dropped } from '../chaos/stream.ts';
import { readPages, readReports, type PageEntry, type StoredReport } from './stored-reports.ts';

export interface RunsOptions {
  readonly store: string;
  readonly pipelines: readonly string[];
  /** what was dropped, in order */
  readonly stream: readonly Dropped[];
  /** all that the watcher logged */
  readonly log: Buffer;
}

/**
 * Whether every dropped file has exactly one outcome, in order; the numbers of runs have no gap and none is there twice; each
 * run found the champion that the one before it left; and the sealed pages tell of runs as their reports do.
 */
export async function checkRuns({
  store,
  pipelines,
  stream,
  log,
}: RunsOptions): Promise<readonly string[]> {
  const violations: string[] = [];
  for (const pipeline of pipelines) {
    const { reports, problems } = await readReports(store, pipeline);
    const found = [
      ...problems,
      ...outcomesOf(
        stream.filter((dropped) => dropped.pipeline === pipeline),
        reports,
        log,
      ),
      ...sequenceOf(reports),
      ...championsOf(reports, store),
      ...(await arrivalsOf(store, pipeline, reports)),
      ...(await pagesOf(store, pipeline, reports)),
    ];
    violations.push(...found.map((sentence) => `${pipeline}: ${sentence}`));
  }
  return violations;
}

function outcomesOf(
  stream: readonly Dropped[],
  reports: readonly StoredReport[],
  log: Buffer,
): readonly string[] {
  const first = reports.filter(({ summary }) => summary.revision === 0);
  const bySha256 = new Map(first.map((report) => [report.summary.sha256, report]));
  const violations: string[] = [];
  let before = 0;
  for (const { name, sha256, expected } of stream) {
    const shown = JSON.stringify(name.toString());
    const report = sha256 === null ? undefined : bySha256.get(sha256);
    switch (expected) {
      case 'outcome':
        if (report === undefined) {
          violations.push(`${shown} has no outcome`);
          break;
        }
        if (report.summary.fileName !== name.toString()) {
          violations.push(`${shown} is called ${JSON.stringify(report.summary.fileName)}`);
        }
        if (report.summary.sequence < before) violations.push(`${shown} is out of order`);
        before = report.summary.sequence;
        break;
      case 'outcome or word': {
        const hasOutcome =
          report !== undefined || first.some(({ summary }) => summary.fileName === name.toString());
        if (!hasOutcome && !isNamedIn(log, name)) {
          violations.push(`${shown} has neither an outcome nor a word in the watcher's log`);
        }
        break;
      }
      case 'left alone':
        if (report !== undefined) violations.push(`${shown} was followed out of its folder`);
    }
  }
  const known = new Set(stream.map(({ sha256 }) => sha256));
  const named = new Set(stream.map(({ name }) => name.toString()));
  for (const { summary } of first) {
    if (known.has(summary.sha256) || named.has(summary.fileName)) continue;
    violations.push(`an outcome of ${JSON.stringify(summary.fileName)}, which was never dropped`);
  }
  return violations;
}

/** Names that are no text are shown in the log by their bytes, or as far as they are text: what is ASCII in them. */
function isNamedIn(log: Buffer, name: Buffer): boolean {
  if (log.includes(name.toString('hex'))) return true;
  const pieces = name.toString('latin1').split(/[^\x20-\x7e]+/);
  const lines = log.toString('latin1').split('\n');
  return lines.some((line) => pieces.every((piece) => line.includes(piece)));
}

function sequenceOf(reports: readonly StoredReport[]): readonly string[] {
  return reports.flatMap(({ summary }, i) =>
    summary.sequence === i + 1
      ? []
      : [
          `run ${i + 1} in order has the number ${summary.sequence} (${JSON.stringify(summary.fileName)})`,
        ],
  );
}

/** Outcomes that may leave another champion than they found. */
const CHANGES: ReadonlySet<string> = new Set(['trained', 'promoted', 'rolled back']);

function championsOf(reports: readonly StoredReport[], store: string): readonly string[] {
  const violations: string[] = [];
  let champion: string | null = null;
  for (const { summary, champion: met, challenger } of reports) {
    const who = `run ${summary.sequence} (${JSON.stringify(summary.fileName)}, ${summary.outcome})`;
    if (met !== undefined && (met?.id ?? null) !== champion) {
      violations.push(
        `${who} met the champion ${met?.id ?? 'none'}, in force was ${champion ?? 'none'}`,
      );
    }
    const { outcome, championId } = summary;
    if (championId !== champion && !CHANGES.has(outcome)) {
      violations.push(
        `${who} changed the champion from ${champion ?? 'none'} to ${championId ?? 'none'}`,
      );
    }
    const isNew = outcome === 'trained' || outcome === 'promoted';
    if (isNew && challenger !== null && championId !== challenger.id) {
      violations.push(`${who} trained ${challenger.id} and left ${championId ?? 'none'} in force`);
    }
    for (const file of ['card.json', 'model.bin']) {
      if (championId === null || existsSync(path.join(store, 'models', championId, file))) continue;
      violations.push(`${who}: its champion ${championId} has no ${file}`);
    }
    champion = championId;
  }
  return violations;
}

/** Every run is in the order of its pipeline, once. */
async function arrivalsOf(
  store: string,
  pipeline: string,
  reports: readonly StoredReport[],
): Promise<readonly string[]> {
  const entries = await namesIn(path.join(store, 'arrivals', pipeline));
  const places = entries.map((name) => {
    const [sequence, , sha256 = ''] = name.split('.');
    return `${Number(sequence)} ${sha256}`;
  });
  const expected = reports.map(({ summary }) => `${summary.sequence} ${summary.sha256}`);
  return [
    ...without(expected, places).map((place) => `arrivals/ has no entry for run ${place}`),
    ...without(places, expected).map((place) => `arrivals/ has an entry without run: ${place}`),
    ...repeated(places).map((place) => `arrivals/ has run ${place} twice`),
  ];
}

/** Pages hold the oldest runs, without a gap, each once and as its report has it. */
async function pagesOf(
  store: string,
  pipeline: string,
  reports: readonly StoredReport[],
): Promise<readonly string[]> {
  const { entries, problems } = await readPages(store, pipeline);
  const wrong = entries.flatMap((entry, i) => {
    const expected = reports[i]?.summary;
    if (expected !== undefined && textOf(entry) === textOf(expected)) return [];
    return [`history pages have ${textOf(entry)} as run ${i + 1}`];
  });
  return [...problems, ...wrong];
}

function textOf({ sequence, sha256, revision, outcome, championId }: PageEntry): string {
  return JSON.stringify({ sequence, sha256, revision, outcome, championId });
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return existsSync(folder) ? (await readdir(folder)).filter((name) => name.endsWith('.json')) : [];
}

function without(values: readonly string[], others: readonly string[]): readonly string[] {
  const known = new Set(others);
  return values.filter((value) => !known.has(value));
}

function repeated(values: readonly string[]): readonly string[] {
  return values.filter((value, i) => values.indexOf(value) !== i);
}
