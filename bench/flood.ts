import { parseArgs } from 'node:util';
import { median } from 'simple-statistics';
import { floodOnce, type Flood } from './support/flood-once.ts';
import { printFigures, printTable } from './support/report.ts';
import { writeSection } from './support/survival-evidence.ts';

/**
 * Many small files at once into several pipelines: is any lost, doubled, or out of order, how fast, and where does the processor
 * time go?
 *
 * `--pair DIR` measures another checkout, with packages of its own, in turn with this one, `--rounds N` times each, so that both
 * meet the machine in the same hour. `--quick` takes a tenth of the files; `--write` puts the result into
 * docs/evidence/survival.md.
 */
const { values } = parseArgs({
  options: {
    pair: { type: 'string' },
    rounds: { type: 'string' },
    quick: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});
const PIPELINES = ['north', 'east', 'south', 'west'];
const filesPerPipeline = values.quick ? 25 : 250;
const rounds = Number(values.rounds ?? (values.pair === undefined ? 1 : 3));
if (!Number.isInteger(rounds) || rounds < 1) {
  throw new Error(`--rounds is '${values.rounds ?? ''}', but must be a whole number, 1 or above`);
}

const ours: Flood[] = [];
const others: Flood[] = [];
for (let round = 0; round < rounds; round++) {
  const measureOurs = async (): Promise<void> => {
    ours.push(await measure('this checkout', {}));
  };
  const measureOthers = async (): Promise<void> => {
    if (values.pair !== undefined) others.push(await measure(values.pair, { root: values.pair }));
  };
  // Neither is always the first, which meets a colder machine.
  for (const next of round % 2 === 0
    ? [measureOurs, measureOthers]
    : [measureOthers, measureOurs]) {
    await next();
  }
}
const [last] = ours.slice(-1);
if (last === undefined) throw new Error('nothing was measured');
const costs = [
  ['processor time', 'ms a file'],
  ...last.msPerFile.map(([who, ms]) => [who, ms.toFixed(1)]),
  ['all', total(last).toFixed(1)],
];
const outcomes = [
  ['pipeline', 'outcomes', 'trained', 'kept', 'other'],
  ...last.pipelines.map(({ name, runs, trained, kept }) => [
    ...[name, runs, trained, kept],
    runs - trained - kept,
  ]),
];
printTable(outcomes);
printTable(costs);
const rateOf = (floods: readonly Flood[]): number =>
  Number(median(floods.map(({ filesPerSecond }) => filesPerSecond)).toFixed(2));
const figures = {
  files: PIPELINES.length * filesPerPipeline,
  pipelines: PIPELINES.length,
  lost: last.lost,
  duplicated: last.duplicated,
  outOfOrder: last.outOfOrder,
  filesPerSecond: rateOf(ours),
  ...(others.length === 0
    ? {}
    : {
        otherFilesPerSecond: rateOf(others),
        ratio: Number((rateOf(ours) / rateOf(others)).toFixed(2)),
      }),
};
if (values.write) {
  await writeSection('flood', {
    text: [`\`\`\`json\n${JSON.stringify(figures)}\n\`\`\``],
    tables: [costs],
  });
}
printFigures(figures);

async function measure(name: string, checkout: { readonly root?: string }): Promise<Flood> {
  const flood = await floodOnce({ pipelines: PIPELINES, filesPerPipeline, ...checkout });
  const { filesPerSecond } = flood;
  console.log(
    `${name}: ${filesPerSecond.toFixed(2)} files/s, ${total(flood).toFixed(0)} ms of processor time a file`,
  );
  return flood;
}

function total({ msPerFile }: Flood): number {
  return msPerFile.reduce((sum, [, ms]) => sum + ms, 0);
}
