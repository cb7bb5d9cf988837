import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createLightActivities } from '../../activities/create-light-activities.ts';
import type { Environment } from '../../activities/environment.ts';
import { DamagedModelError } from '../../activities/models/damaged-model.ts';
import { tasks } from '../../activities/tasks.ts';
import { trainOnThreads } from '../../activities/training/train-on-threads.ts';
import { hashFile } from '../../data/hash-file.ts';
import type { PipelineConfig } from '../../pipelines/schema.ts';
import {
  summaryHead,
  type Damage,
  type Dataset,
  type DatasetFile,
  type ModelRef,
  type RunReport,
} from '../../workflows/contract.ts';
import { computeIn } from './in-process.ts';

/** What came of a file, and what its run says of damage. */
export interface FileRun {
  readonly file: DatasetFile;
  readonly dataset: Dataset;
  readonly report: RunReport;
  readonly damage: string;
}

/** A pipeline whose activities are run one after the other in this process, as its workflow has them run. */
export interface LivedPipeline {
  readonly champion: () => ModelRef;
  /** @param retrains whether a challenger is trained on the file, and put in force */
  readonly drop: (name: string, content: string, retrains?: boolean) => Promise<FileRun>;
  readonly again: (run: FileRun) => Promise<FileRun>;
}

/** Before any file has come. */
export function runPipeline(config: PipelineConfig, environment: Environment): LivedPipeline {
  const light = createLightActivities(environment.store);
  let champion: ModelRef | null = null;
  let sequence = 0;

  async function run(file: DatasetFile, revision: number, retrains: boolean): Promise<FileRun> {
    sequence += 1;
    const told: string[] = [];
    const noted = <T extends object>({ damage = [], ...found }: T & Damage): Omit<T, 'damage'> => {
      told.push(...damage);
      return found;
    };
    const dataset = noted(await tasks.ingest({ config, file, sequence }, environment));
    if (dataset.labelsUnfit !== undefined) told.push(dataset.labelsUnfit);
    const waits = dataset.waitsFor !== undefined;
    let late: RunReport['late'];
    if (dataset.labelsFor !== undefined) {
      try {
        const scored = await tasks.scorePredictions({ config, dataset }, environment);
        if (scored !== null) late = noted(scored);
      } catch (error) {
        if (!(error instanceof DamagedModelError)) throw error;
        told.push(error.message);
      }
    }
    if (!waits && champion !== null) {
      const { model, championDamage } = noted(
        await tasks.findSoundModel({ config, dataset, champion, previous: null }, environment),
      );
      if (championDamage !== null) told.push(championDamage);
      champion = model;
    }
    const before = champion;
    const input = { config, dataset, previous: null, sequence };
    const found =
      waits || before === null
        ? null
        : noted(await tasks.examine({ ...input, champion: before }, environment));
    if (!waits && dataset.labelled && (before === null || retrains)) {
      const asked = { config, dataset, parent: before, refusal: null, sequence };
      const mode = before === null ? 'full' : config.retrain.mode;
      const work = { signal: new AbortController().signal, report: () => undefined };
      champion = noted(await trainOnThreads({ ...asked, mode }, computeIn(environment), work));
    }
    const predictions =
      waits || dataset.labelled || before === null
        ? null
        : await tasks.predict({ config, dataset, champion: before }, environment);
    const outcome = waits ? 'waiting' : predictions === null ? 'kept' : 'predicted';
    const report: RunReport = {
      version: 1,
      pipeline: config.name,
      summary: {
        ...summaryHead(config.name, file, revision, sequence),
        finishedAt: new Date(Date.parse(file.arrivedAt) + sequence * 1_000).toISOString(),
        ...{ outcome, action: null, reason: '', rows: dataset.rows, driftScore: null },
        ...{ metric: null, championId: champion?.id ?? null, report: null },
      },
      ...{ file, dataset, champion: before, drift: found?.drift ?? null },
      evaluation: found?.evaluation ?? null,
      ...{ decision: null, challenger: null, comparison: null, predictions, failure: null },
      ...(late !== undefined && { late }),
    };
    await light.publish(report);
    return { file, dataset, report, damage: told.join(' ') };
  }

  return {
    champion: () => {
      if (champion === null) throw new Error('no model is in force yet');
      return champion;
    },
    drop: async (name, content, retrains = false) => {
      const file = path.join(environment.scratchFolder, name);
      await writeFile(file, content);
      const arrivedAt = '2026-01-01T00:00:00.000Z';
      return run({ name, path: file, arrivedAt, ...(await hashFile(file)) }, 0, retrains);
    },
    again: ({ file, report }) => run(file, report.summary.revision + 1, false),
  };
}
