import { explainReport } from '../../core/drift/explain/explain-report.ts';
import { compareSummaries } from '../../core/drift/detect.ts';
import { findTogether } from '../../core/drift/together-finding.ts';
import type { TableSummary } from '../../core/drift/summary/table-summary.ts';
import type { DriftReport } from '../../core/drift/report.ts';
import { detectionOptionsOf } from '../../pipelines/detection-options.ts';
import type { PipelineConfig } from '../../pipelines/schema.ts';
import { putComputedJson } from '../../store/json.ts';
import type { ArtefactRef } from '../../store/artefact-store.ts';
import type { Dataset, DriftSummary, ModelRef } from '../../workflows/contract.ts';
import { digestOf } from '../digest.ts';
import { FROM_BACKUP, unlessDamaged } from '../damage.ts';
import type { Environment } from '../environment.ts';
import { readOfModel } from '../models/damaged-model.ts';
import { referenceOfRun, type RunReference, type RunToCompare } from './reference-of-run.ts';
import { mergedReference, referenceSummary, summariseStored } from './table-summaries.ts';

const MATERIAL_SHOWN = 10;

/**
 * Compares a dataset with the data its champion was trained on, or with what else the pipeline compares its files with;
 * the whole report goes to the store.
 */
export async function detectDrift(
  {
    config,
    dataset,
    reference,
    falseAlarmRate: given,
    sequence,
    arrivedAt,
  }: {
    readonly config: PipelineConfig;
    readonly dataset: Dataset;
    readonly reference: Pick<ModelRef, 'id' | 'reference'>;
    /** what this file may spend; absent: what the pipeline says for any file */
    readonly falseAlarmRate?: number | undefined;
    readonly sequence?: number | undefined;
    readonly arrivedAt?: string | undefined;
  },
  environment: Environment,
): Promise<DriftSummary> {
  const { store } = environment;
  const run = { config, dataset, reference, sequence, arrivedAt };
  const [compared, now] = await Promise.all([
    soundReference(run, environment),
    summariseStored(dataset.ref, environment),
  ]);
  const before = compared.summary;
  const report = compareSummaries(before, now, detectionOptionsOf(config, given));
  const asked = digestOf([
    dataset.ref.uri,
    reference.id,
    config,
    given ?? null,
    compared.files === null ? null : compared.datasets.map(({ sha256 }) => sha256),
  ]);
  const uri = `drift/${config.name}/${dataset.sha256}.${asked}.json`;
  const explanation = explainReport(report, before, now, config);
  const whole = explanation === null ? report : { ...report, explanation };
  const summary = summarise(report, await putComputedJson(store, uri, whole));
  return compared.files === null ? summary : { ...summary, comparedWith: compared.files };
}

interface SoundReference extends RunReference {
  readonly summary: TableSummary;
}

/**
 * What a file is compared with, as far as it is sound. Earlier files whose data are damaged are left out; where none is left, the
 * data of the champion's training stand in.
 * @throws DamagedModelError if the champion's reference is needed, and can neither be read nor be made anew
 */
async function soundReference(
  run: RunToCompare & { readonly reference: Pick<ModelRef, 'id' | 'reference'> },
  environment: Environment,
): Promise<SoundReference> {
  const wanted = await referenceOfRun(run, environment);
  const found: { dataset: ArtefactRef; file: string; summary: TableSummary }[] = [];
  for (const [i, file] of (wanted.files ?? []).entries()) {
    const dataset = wanted.datasets[i];
    if (dataset === undefined) continue;
    const done = `The file was not compared with the data of ${file}. ${FROM_BACKUP}, or run ${file} again`;
    const summary = await unlessDamaged(environment, { uri: dataset.uri, done }, () =>
      referenceSummary(dataset, environment),
    );
    if (summary !== null) found.push({ dataset, file, summary });
  }
  if (found.length > 0) {
    return {
      datasets: found.map(({ dataset }) => dataset),
      files: found.map(({ file }) => file),
      summary: mergedReference(found.map(({ summary }) => summary)),
    };
  }
  const { id, reference } = run.reference;
  const summary = await readOfModel(id, () => referenceSummary(reference, environment));
  return { datasets: [reference], files: null, summary };
}

function summarise(report: DriftReport, ref: ArtefactRef): DriftSummary {
  const outcomes = report.columns.map((column) => column.outcome.kind);
  return {
    report: ref,
    score: report.score,
    tests: report.tests,
    testedColumns: outcomes.filter((kind) => kind === 'tested').length,
    columns: report.columns.length,
    materialCount: report.material.length,
    filePValue: report.filePValue ?? null,
    together: findTogether(report.together),
    material: report.material.slice(0, MATERIAL_SHOWN),
    insufficient: outcomes.filter((kind) => kind === 'insufficient').length,
  };
}
