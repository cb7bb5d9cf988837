import { compareSummaries } from '../core/drift/detect.ts';
import { rateOfOneFile } from '../core/drift/false-alarms.ts';
import { findTogether } from '../core/drift/together-finding.ts';
import type { DriftReport } from '../core/drift/report.ts';
import type { PipelineConfig } from '../pipelines/schema.ts';
import { putJson } from '../store/json.ts';
import type { ArtefactRef } from '../store/artefact-store.ts';
import type { Dataset, DriftSummary, ModelRef } from '../workflows/contract.ts';
import { digestOf } from './digest.ts';
import type { Environment } from './environment.ts';
import { referenceSummary, summariseStored } from './table-summaries.ts';

const MATERIAL_SHOWN = 10;

/** Compares a dataset with the data its champion was trained on; the whole report goes to the store. */
export async function detectDrift(
  {
    config,
    dataset,
    reference,
    falseAlarmRate: given,
  }: {
    readonly config: PipelineConfig;
    readonly dataset: Dataset;
    readonly reference: Pick<ModelRef, 'id' | 'reference'>;
    /** what this file may spend; absent: what the pipeline says for any file */
    readonly falseAlarmRate?: number | undefined;
  },
  environment: Environment,
): Promise<DriftSummary> {
  const { store } = environment;
  const [before, now] = await Promise.all([
    referenceSummary(reference.reference, environment),
    summariseStored(dataset.ref, environment),
  ]);
  const { falseAlarmRate, horizon, minRows, effect, rule, numeric, categorical } = config.detection;
  const report = compareSummaries(before, now, {
    falseAlarmRate: given ?? rateOfOneFile(falseAlarmRate, horizon),
    minRows,
    effect,
    rule,
    numeric,
    categorical,
    target: config.target,
    ignore: config.ignore,
    ...(config.timeColumn === undefined ? {} : { timeColumn: config.timeColumn }),
  });
  const asked = digestOf([dataset.ref.uri, reference.id, config, given ?? null]);
  const uri = `drift/${config.name}/${dataset.sha256}.${asked}.json`;
  return summarise(report, await putJson(store, uri, report));
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
