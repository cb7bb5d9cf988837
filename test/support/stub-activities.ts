import { ApplicationFailure, Context } from '@temporalio/activity';
import type { EstimatedPerformance } from '../../core/drift/label-free/estimate.ts';
import type {
  Comparison,
  Evaluation,
  MetricEstimate,
} from '../../core/models/metrics/evaluation.ts';
import type {
  Appointment,
  CarriedState,
  ChampionEvaluation,
  ComputeActivities,
  DatasetFile,
  LightActivities,
  ModelRef,
} from '../../workflows/contract.ts';

/**
 * Activities without data, for tests of the workflows alone: what they find is written in the file's name.
 *
 * `calm`: nothing changed · `storm`: drift, and the champion does badly · `refused`: the same, and the
 * challenger is no better · `same`: trained in the mode `full`, whatever was asked for · `broken`: a storm, and training fails · `undo`: the champion does badly and the
 * previous model well · `lost`: the challenger in shadow does badly · `unreadable`: it cannot read the file · `labels`: of `unlabelled-2` ·
 * `stopped`: a storm, and the worker is stopped while it trains · `gone`: not there any more ·
 * `early`: labels that wait · `joined`: for this file · `unlabelled`: no target · `invalid`: cannot be read · `stuck`: is read until the
 * activity is cancelled · `damaged`: meets a champion that is damaged, unless it was trained on `calm-1` · `slow`: cannot be read within a workflow task
 */
export function stubActivities(): ComputeActivities & LightActivities {
  return {
    ingest: async ({ file }) => {
      if (file.name.includes('invalid')) {
        throw ApplicationFailure.nonRetryable(
          'line 7 has 4 fields where the header has 5',
          'InvalidDataset',
        );
      }
      if (file.name.includes('gone')) {
        throw ApplicationFailure.nonRetryable('the file is gone', 'DatasetGone');
      }
      if (file.name.includes('stuck')) await untilCancelled();
      if (file.name.includes('slow') && Context.current().info.isLocal) {
        throw ApplicationFailure.retryable('the reader was ended from outside', 'TaskProcessEnded');
      }
      return {
        ref: artefact(`datasets/${file.sha256}.parquet`),
        sha256: file.sha256,
        fileName: file.name,
        rows: 1000,
        columns: 5,
        labelled: !file.name.includes('unlabelled'),
        task: 'classification',
        taskReason: 'given in pipeline.yaml',
        ...(file.name.startsWith('labels') && {
          labelsFor: { fileName: 'unlabelled-2', sha256: stubFile('unlabelled-2').sha256 },
        }),
        ...(file.name.startsWith('early') && { labelled: false, waitsFor: 'joined-3' }),
        ...(file.name.startsWith('joined') && {
          labelsFrom: { fileName: 'early-2', sha256: stubFile('early-2').sha256, revision: 0 },
        }),
      };
    },
    examine: ({ dataset, champion, previous }) => {
      if (dataset.fileName.includes('damaged') && champion.trainedOn !== 'calm-1') {
        throw ApplicationFailure.nonRetryable('the model is damaged', 'DamagedModel');
      }
      const bad = isBad(dataset.fileName);
      return Promise.resolve({
        drift: {
          report: artefact(`drift/${dataset.sha256}.json`),
          score: bad ? 3.5 : 0.2,
          tests: 8,
          testedColumns: 4,
          columns: 5,
          materialCount: bad ? 1 : 0,
          material: bad ? ['price'] : [],
          insufficient: 0,
        },
        evaluation: dataset.labelled ? championEvaluation(dataset.fileName, previous) : null,
        ...(!dataset.labelled && { estimated: estimatedPerformance() }),
      });
    },
    train: ({ dataset, parent }) => {
      if (dataset.fileName.includes('stopped')) {
        throw ApplicationFailure.nonRetryable('Worker is shutting down', 'WorkerShutdown');
      }
      if (parent !== null && dataset.fileName.includes('broken')) {
        throw ApplicationFailure.nonRetryable('hooks.ts:12: cannot divide', 'HookFailed');
      }
      const { fileName, sha256 } = dataset;
      const mode = fileName.includes('same') ? ({ mode: 'full' } as const) : {};
      return Promise.resolve({ ...model(fileName, sha256), ...mode });
    },
    compareModels: ({ dataset }) =>
      Promise.resolve(comparison(dataset.fileName.includes('refused') ? 'refuse' : 'promote')),
    scorePredictions: () => Promise.resolve({ modelId: 'model', evaluation: evaluation(0.8) }),
    compareOnFiles: ({ datasets }) => {
      const names = datasets.map(({ fileName }) => fileName);
      if (names.some((name) => name.includes('unreadable'))) {
        throw ApplicationFailure.nonRetryable("no column 'price'", 'SchemaMismatch');
      }
      return Promise.resolve(
        comparison(names.some((name) => name.includes('lost')) ? 'refuse' : 'promote'),
      );
    },
    findSoundModel: ({ dataset, champion, previous }) =>
      Promise.resolve(
        dataset.fileName.includes('damaged')
          ? { championDamage: 'model is damaged', previousDamage: null, model: previous }
          : { championDamage: null, previousDamage: null, model: champion },
      ),
    predict: ({ dataset }) => Promise.resolve(artefact(`predictions/${dataset.sha256}.parquet`)),
    publish: (report) =>
      Promise.resolve(artefact(`reports/${report.pipeline}/${report.summary.sha256}.json`)),
    findChampion: ({ name }) =>
      Promise.resolve(name.startsWith('taken-up') ? championOfTheStore() : null),
    saveState: ({ pipeline }) => Promise.resolve(artefact(`state/${pipeline}/0.json`)),
    findState: ({ name }) =>
      Promise.resolve({
        state: name.startsWith('taken-up') ? stateOfTheStore() : null,
        ...{ sealedPages: 0, sealedUpTo: 0, after: 0 },
      }),
    findRuns: ({ after }) => Promise.resolve({ runs: [], next: null, newest: after }),
    findRun: () => Promise.resolve(null),
    sealRuns: ({ pipeline, page }) => Promise.resolve(artefact(`history/${pipeline}/${page}.json`)),
    notify: () => Promise.resolve(),
  };
}

function stateOfTheStore(): CarriedState {
  return {
    ...{ champion: championOfTheStore(), previous: null, shadow: null, paused: null },
    ...{ breaker: { kind: 'closed', failures: 0 }, queue: [], recent: [], audit: [] },
    ...{ sealedPages: 0, sequence: 0, revisions: 0, candidates: [] },
  };
}

function championOfTheStore(): Appointment {
  const file = stubFile('calm-0');
  return {
    model: model(file.name, file.sha256),
    since: '2025-12-31T00:00:00.000Z',
    by: 'CalmOps',
    why: 'the store has it',
  };
}

/** A dataset file of the given name; the same name is the same file. */
export function stubFile(name: string): DatasetFile {
  const sha256 = Buffer.from(name).toString('hex').padEnd(64, '0').slice(-64);
  return {
    name,
    path: `/data/${name}`,
    sha256,
    bytes: 1000,
    arrivedAt: '2026-01-01T00:00:00.000Z',
  };
}

async function untilCancelled(): Promise<never> {
  const context = Context.current();
  const timer = setInterval(() => {
    context.heartbeat();
  }, 100);
  try {
    return await context.cancelled;
  } finally {
    clearInterval(timer);
  }
}

function championEvaluation(fileName: string, previous: ModelRef | null): ChampionEvaluation {
  const bad = isBad(fileName);
  return {
    champion: {
      current: evaluation(bad ? 0.7 : 0.9),
      baseline: evaluation(0.9),
      pValue: bad ? 1e-12 : 0.5,
      drop: bad ? 0.2 : 0,
      breached: [],
    },
    previous:
      previous === null ? null : comparison(fileName.includes('undo') ? 'promote' : 'refuse'),
  };
}

const estimatedPerformance = (): EstimatedPerformance => ({
  method: 'CBPE',
  rows: 1000,
  metric: estimate(0.89),
  baseline: 0.9,
  drop: 0.01,
  pValue: 0.4,
});

const isBad = (name: string): boolean => /storm|refused|broken|undo|stopped/.test(name);

const artefact = (uri: string): { uri: string; sha256: string; bytes: number } => ({
  uri,
  sha256: '0'.repeat(64),
  bytes: 100,
});

const estimate = (value: number): MetricEstimate => ({
  name: 'accuracy',
  value,
  low: value - 0.02,
  high: value + 0.02,
});

const evaluation = (accuracy: number): Evaluation => ({
  rows: 1000,
  primary: estimate(accuracy),
  metrics: { accuracy },
  loss: { mean: 1 - accuracy, variance: accuracy * (1 - accuracy) },
});

const comparison = (verdict: Comparison['verdict']): Comparison => ({
  rows: 300,
  metric: 'accuracy',
  champion: estimate(0.7),
  challenger: estimate(verdict === 'promote' ? 0.9 : 0.7),
  gain:
    verdict === 'promote'
      ? { value: 0.2, low: 0.15, high: 0.25 }
      : { value: 0, low: -0.05, high: 0.05 },
  margin: 0,
  verdict,
  reason: verdict === 'promote' ? 'It is better by 0.20.' : 'It is not shown to be better.',
});

function model(fileName: string, sha256: string): ModelRef {
  const id = sha256.replace(/0+$/, '').slice(-12);
  return {
    id,
    artefact: artefact(`models/${id}/model.bin`),
    card: artefact(`models/${id}/card.json`),
    reference: artefact(`datasets/${sha256}.parquet`),
    estimator: 'forest',
    task: 'classification',
    trainedOn: fileName,
    score: estimate(0.9),
  };
}
