import { explainReport } from '../../core/drift/explain/explain-report.ts';
import { compareSummaries } from '../../core/drift/detect.ts';
import { findTogether } from '../../core/drift/together-finding.ts';
import type { DriftReport } from '../../core/drift/report.ts';
import { detectionOptionsOf } from '../../pipelines/detection-options.ts';
import type { PipelineConfig } from '../../pipelines/schema.ts';
import { putJson } from '../../store/json.ts';
import type { ArtefactRef } from '../../store/artefact-store.ts';
import type { Dataset, DriftSummary, ModelRef } from '../../workflows/contract.ts';
import { digestOf } from '../digest.ts';
import type { Environment } from '../environment.ts';
import { readOfModel } from '../models/damaged-model.ts';
import { referenceOfRun } from './reference-of-run.ts';
import { mergedReference, summariseStored } from './table-summaries.ts';

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
  const compared = await referenceOfRun({ config, dataset, reference, sequence, arrivedAt }, store);
  const [before, now] = await Promise.all([
    compared.files === null
      ? readOfModel(reference.id, () => mergedReference(compared.datasets, environment))
      : mergedReference(compared.datasets, environment),
    summariseStored(dataset.ref, environment),
  ]);
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
  const summary = summarise(report, await putJson(store, uri, whole));
  return compared.files === null ? summary : { ...summary, comparedWith: compared.files };
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
