import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { Predictions } from '../../core/models/model.ts';
import type { Column, Table } from '../../core/table.ts';
import { hashFile } from '../../data/hash-file.ts';
import { writeTableParquet } from '../../data/table-parquet.ts';
import type { ArtefactRef } from '../../store/artefact-store.ts';
import type { ComputeTasks } from '../../workflows/contract.ts';
import { digestOf } from '../digest.ts';
import type { Environment } from '../environment.ts';
import { loadTable } from '../datasets/ingest.ts';
import { openModel, predictions } from './models.ts';

/** Predicts every row of a file with the champion; the predictions go to the store, in the file's order. */
export async function predict(
  { config, dataset, champion }: Parameters<ComputeTasks['predict']>[0],
  environment: Environment,
): Promise<ArtefactRef> {
  const { store, scratchFolder } = environment;
  const table = await loadTable(dataset.ref, environment);
  const model = await openModel(champion, config, store);
  const scratch = path.join(scratchFolder, `${randomUUID()}.parquet`);
  const asked = digestOf([dataset.ref.uri, champion.id]);
  try {
    await writeTableParquet(asTable(predictions(model, table), table.rows), scratch);
    // The hash in the name: what is there under it is these predictions, or damaged.
    const { sha256 } = await hashFile(scratch);
    const uri = `predictions/${dataset.sha256}.${asked}.${sha256.slice(0, 12)}.parquet`;
    const ref = await store.putFile(uri, scratch);
    if (ref.sha256 === sha256) return ref;
    await store.setAside(uri);
    return await store.putFile(uri, scratch);
  } finally {
    await rm(scratch, { force: true });
  }
}

/** `prediction`, and for a classification the probability of each class as `p(<class>)`. */
function asTable(predicted: Predictions, rows: number): Table {
  if (predicted.kind === 'regression') {
    return {
      rows,
      columns: [{ kind: 'numeric', name: 'prediction', values: predicted.values }],
    };
  }
  const { classes, labels, probabilities } = predicted;
  const columns: Column[] = [
    { kind: 'categorical', name: 'prediction', codes: labels, dictionary: classes },
  ];
  classes.forEach((name, k) => {
    const values = Float64Array.from(
      { length: rows },
      (_, i) => probabilities[i * classes.length + k] ?? NaN,
    );
    columns.push({ kind: 'numeric', name: `p(${name})`, values });
  });
  return { rows, columns };
}
