import path from 'node:path';
import { createRandom } from '../../core/random.ts';
import { drop } from './drop.ts';
import { install, type Installation } from './installation.ts';
import { readReports, type StoredReport } from './invariants/stored-reports.ts';
import { untilReports } from './outcomes.ts';
import { processorTime, timePerFile } from './processor-time.ts';
import { smallFile } from './small-file.ts';

export interface FloodOptions {
  readonly pipelines: readonly string[];
  readonly filesPerPipeline: number;
  /** the checkout that runs; absent: this one */
  readonly root?: string;
}

export interface Flood {
  /** from the first file that was dropped until the last outcome */
  readonly filesPerSecond: number;
  /** of processor time, by who spent it, the most first */
  readonly msPerFile: readonly (readonly [string, number])[];
  readonly lost: number;
  readonly duplicated: number;
  readonly outOfOrder: number;
  readonly pipelines: readonly {
    readonly name: string;
    readonly runs: number;
    readonly trained: number;
    readonly kept: number;
  }[];
}

const PATIENCE_MS = 1_800_000;

/** Many small files at once into the pipelines of a new installation. What came of them is read from its store. */
export async function floodOnce(options: FloodOptions): Promise<Flood> {
  const { pipelines, filesPerPipeline, root } = options;
  const installation = await install(
    Object.fromEntries(pipelines.map((name) => [name, { target: 'late' }])),
    root === undefined ? {} : { root },
  );
  try {
    await warmUp(installation, pipelines);
    const before = await processorTime(installation);
    const startedAt = performance.now();
    await Promise.all(
      pipelines.map((name, i) => dropAll(installation, name, filesPerPipeline, i + 1)),
    );
    const expected = filesPerPipeline + 1;
    await Promise.all(
      pipelines.map((name) => untilReports(installation, name, expected, PATIENCE_MS)),
    );
    const seconds = (performance.now() - startedAt) / 1000;
    const files = pipelines.length * filesPerPipeline;
    const msPerFile = timePerFile(before, await processorTime(installation), files);
    return {
      filesPerSecond: files / seconds,
      msPerFile,
      ...(await outcomes(installation, options)),
    };
  } finally {
    await installation.remove();
  }
}

/** A first file each: starting up and the first training are not what is measured. */
async function warmUp(installation: Installation, pipelines: readonly string[]): Promise<void> {
  for (const [i, name] of pipelines.entries()) {
    const text = smallFile(createRandom(1_000 + i));
    await drop(installation.incoming(name), { name: '0000.csv', text });
  }
  for (const name of pipelines) await untilReports(installation, name, 1, PATIENCE_MS);
}

async function dropAll(
  installation: Installation,
  pipeline: string,
  files: number,
  seed: number,
): Promise<void> {
  const random = createRandom(seed);
  for (let k = 1; k <= files; k++) {
    const file = { name: `${String(k).padStart(4, '0')}.csv`, text: smallFile(random) };
    await drop(installation.incoming(pipeline), file);
  }
}

async function outcomes(
  { home }: Installation,
  { pipelines, filesPerPipeline }: FloodOptions,
): Promise<Omit<Flood, 'filesPerSecond' | 'msPerFile'>> {
  const store = path.join(home, 'store');
  const found = await Promise.all(pipelines.map((name) => readReports(store, name)));
  const runs = found.map(({ reports }) => reports.map(({ summary }) => summary));
  const distinct = runs.map((each) => new Set(each.map(({ fileName }) => fileName)).size);
  return {
    lost: sum(distinct.map((count) => filesPerPipeline + 1 - count)),
    duplicated: sum(runs.map((each, i) => each.length - (distinct[i] ?? 0))),
    outOfOrder: sum(runs.map(descents)),
    pipelines: runs.map((each, i) => ({
      name: pipelines[i] ?? '',
      runs: each.length,
      trained: each.filter(({ outcome }) => outcome === 'trained').length,
      kept: each.filter(({ outcome }) => outcome === 'kept').length,
    })),
  };
}

/** Neighbours in the wrong order. */
function descents(runs: readonly StoredReport['summary'][]): number {
  return runs.filter((run, i) => i > 0 && run.fileName < (runs[i - 1]?.fileName ?? '')).length;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
