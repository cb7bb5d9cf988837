import { recordDataset } from '../../activities/datasets/earlier-datasets.ts';
import type { Environment } from '../../activities/environment.ts';
import { cardOf } from '../../activities/models/lineage.ts';
import { trainOnThreads } from '../../activities/training/train-on-threads.ts';
import type { TrainInput } from '../../activities/training/training-data.ts';
import { pipelineSchema, type PipelineConfig } from '../../pipelines/schema.ts';
import type { ModelCard } from '../../store/model-card.ts';
import { summaryHead, type Dataset, type ModelRef } from '../../workflows/contract.ts';
import { computeIn, ingested } from './in-process.ts';
import { loans } from './loans.ts';
import { weather } from './weather.ts';

/** Rows of a file of `Retrainings`. */
export const ROWS = 300;
/** Those of them that are not held out. */
export const TRAINED = 210;

type TaskOfPast = 'classes' | 'numbers';
type AskedMode = PipelineConfig['retrain']['mode'];
type ComputeOptions = Parameters<typeof computeIn>[1];

/** A pipeline at the moment when a file has come that it is to retrain on. */
export interface Past {
  readonly config: PipelineConfig;
  readonly champion: ModelRef;
  readonly earlier: readonly Dataset[];
  readonly newest: Dataset;
  readonly sequence: number;
  readonly input: (mode: AskedMode) => TrainInput;
}

/** Trains and retrains without a server. */
export interface Retrainings {
  /** A champion of the first of four files; the second and third were kept, the fourth just arrived. */
  history(task: TaskOfPast, yaml: Readonly<Record<string, unknown>>): Promise<Past>;
  retrained(
    past: Omit<Past, 'input' | 'earlier'>,
    mode: AskedMode,
    options?: ComputeOptions,
  ): Promise<{ readonly challenger: ModelRef; readonly card: ModelCard }>;
  /** A file of the old world until the third day, of the new one from the fourth. */
  ingest(task: TaskOfPast, day: number, config: PipelineConfig): Promise<Dataset>;
  /** As if the run of a dataset had ended. */
  record(dataset: Dataset, sequence: number, config: PipelineConfig): Promise<void>;
}

/** @param rows of each file */
export function retrainingsIn(
  folder: string,
  environment: Environment,
  rows: number = ROWS,
): Retrainings {
  const train = (input: TrainInput, options: ComputeOptions = {}): Promise<ModelRef> =>
    trainOnThreads(input, computeIn(environment, options), {
      signal: new AbortController().signal,
      report: () => undefined,
    });
  const ingest: Retrainings['ingest'] = (task, day, config) =>
    task === 'classes'
      ? ingested(
          `loans-${day}.csv`,
          loans(day < 4 ? 'old' : 'new', day, { rows }),
          config,
          environment,
        )
      : ingested(
          `weather-${day}.csv`,
          weather(day < 4 ? 'mild' : 'harsh', day, { rows }),
          config,
          environment,
        );
  const record: Retrainings['record'] = async (dataset, sequence, config) => {
    const { fileName: name, sha256 } = dataset;
    const file = { name, path: name, sha256, bytes: 1, arrivedAt: '2026-01-01T00:00:00.000Z' };
    const head = summaryHead(config.name, file, 0, sequence);
    const summary = { ...head, finishedAt: file.arrivedAt };
    await recordDataset({ pipeline: config.name, file, dataset, summary }, environment.store);
  };
  return {
    ingest,
    record,
    history: async (task, yaml) => {
      const config = configOf(task, folder, yaml);
      const earlier: Dataset[] = [];
      for (const day of [1, 2, 3]) {
        const dataset = await ingest(task, day, config);
        await record(dataset, day, config);
        earlier.push(dataset);
      }
      const newest = await ingest(task, 4, config);
      const [first = newest] = earlier;
      const started = {
        config,
        dataset: first,
        parent: null,
        mode: 'full',
        refusal: null,
      } as const;
      const champion = await train(started);
      const input = (mode: AskedMode): TrainInput => ({
        ...{ config, dataset: newest, parent: champion },
        ...{ mode, refusal: null, sequence: 4 },
      });
      return { config, champion, earlier, newest, sequence: 4, input };
    },
    retrained: async ({ config, champion, newest, sequence }, mode, options = {}) => {
      const input = { config, dataset: newest, parent: champion, mode, refusal: null, sequence };
      const challenger = await train(input, options);
      return { challenger, card: await cardOf(challenger, environment.store) };
    },
  };
}

function configOf(
  task: TaskOfPast,
  folder: string,
  yaml: Readonly<Record<string, unknown>>,
): PipelineConfig {
  const defaults =
    task === 'classes'
      ? { name: 'loans', target: 'defaulted', estimator: { kind: 'logistic' } }
      : { name: 'weather', target: 'temperature', estimator: { kind: 'linear' } };
  const parsed = pipelineSchema.parse({ files: { folder }, ...defaults, ...yaml });
  return { ...parsed, hooks: null };
}
