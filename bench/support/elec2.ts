import { readFile } from 'node:fs/promises';
import type { RunSummary } from '../../workflows/contract.ts';
import { drop, type StreamFile } from './drop.ts';
import { install, type Installation } from './installation.ts';
import { allRuns, untilOutcomes } from './runs.ts';

/** 30 days of half hours. */
const ROWS_PER_FILE = 48 * 30;
const source = new URL('../../../shared/datasets/electricity.csv', import.meta.url);

/** Elec2 cut into files of 30 days or of so many rows, in order of time; the last one is shorter. */
export async function elec2Files(
  rowsPerFile: number = ROWS_PER_FILE,
): Promise<readonly StreamFile[]> {
  const text = await readFile(source, 'utf8').catch((error: unknown) => {
    throw new Error(
      `This benchmark needs Elec2 at ${source.pathname}: 45,312 rows with the columns date, day, period, nswprice, nswdemand, vicprice, vicdemand, transfer, class`,
      { cause: error },
    );
  });
  const [header = '', ...rows] = text.trimEnd().split('\n');
  const files: StreamFile[] = [];
  const digits = Math.max(2, String(Math.ceil(rows.length / rowsPerFile)).length);
  for (let from = 0; from < rows.length; from += rowsPerFile) {
    const name = `elec2-${String(files.length + 1).padStart(digits, '0')}.csv`;
    files.push({ name, text: [header, ...rows.slice(from, from + rowsPerFile), ''].join('\n') });
  }
  return files;
}

/** The day orders the rows, so that the newest ones are compared on. */
const PIPELINE = { target: 'class', timeColumn: 'date' };

/**
 * Drops the files in order into a new installation and waits for all outcomes.
 * @param disturb is let loose on the installation while it works
 * @returns the runs, oldest first
 */
export async function runElec2(
  files: readonly StreamFile[],
  disturb: (installation: Installation) => Promise<void> = () => Promise.resolve(),
): Promise<readonly RunSummary[]> {
  const installation = await install({ elec2: PIPELINE });
  try {
    for (const file of files) await drop(installation.incoming('elec2'), file);
    await disturb(installation);
    await untilOutcomes(installation.client, 'elec2', files.length, 900_000);
    return await allRuns(installation, 'elec2');
  } finally {
    await installation.remove();
  }
}
