/**
 * `calmops export PIPELINE --onnx FILE [--model ID]`: the champion, or another model of the pipeline, as a file; with
 * `--ml-random-forest FILE` in the JSON of that package.
 */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { loadModel } from '../core/models/artefact/artefact.ts';
import { mlRandomForestJson } from '../core/models/ml-random-forest/ml-forest-json.ts';
import type { Model } from '../core/models/model.ts';
import { onnxGraphOf } from '../core/models/onnx/export.ts';
import { connectClient } from '../shell/connection.ts';
import { createFileLogger } from '../shell/logging.ts';
import { runProcess } from '../shell/process.ts';
import { runningStatus } from '../starter/intake.ts';
import type { ArtefactStore } from '../store/artefact-store.ts';
import { openLocalStore } from '../store/local-store.ts';
import { encodeOnnx } from '../store/onnx.ts';

const USAGE =
  'Usage: npm run calmops -- export PIPELINE (--onnx FILE | --ml-random-forest FILE) [--model ID]';

/** What a model can be written as, by the option that names the file. */
const FORMATS = {
  onnx: (model: Model): Uint8Array => encodeOnnx(onnxGraphOf(model)),
  'ml-random-forest': (model: Model): string => `${JSON.stringify(mlRandomForestJson(model))}\n`,
} as const;
type Format = keyof typeof FORMATS;

await runProcess({ component: 'export', log: createFileLogger }, async ({ settings }) => {
  const wanted = readArguments();
  if (wanted === null) {
    console.error(USAGE);
    return 1;
  }
  const { pipeline, format, file } = wanted;
  const id = wanted.model ?? (await championOf(pipeline));
  if (id === null) {
    console.error(`${pipeline} has no champion yet; name a model with --model`);
    return 1;
  }
  try {
    const bytes = await modelBytes(openLocalStore(settings.storeFolder), id);
    await writeFile(file, FORMATS[format](loadModel(bytes)));
  } catch (error) {
    // What a model cannot be written as, and why, is for the person who asked.
    if (!(error instanceof RangeError)) throw error;
    console.error(`${id}: ${error.message}`);
    return 1;
  }
  console.log(`${pipeline}: model ${id} is in ${file}`);
  return 0;
});

function readArguments(): {
  readonly pipeline: string;
  readonly format: Format;
  readonly file: string;
  readonly model: string | undefined;
} | null {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        onnx: { type: 'string' },
        'ml-random-forest': { type: 'string' },
        model: { type: 'string' },
      },
    });
    const [pipeline] = positionals;
    const { onnx, 'ml-random-forest': json, model } = values;
    if (pipeline === undefined || (onnx === undefined) === (json === undefined)) return null;
    if (onnx !== undefined) return { pipeline, format: 'onnx', file: onnx, model };
    return json === undefined ? null : { pipeline, format: 'ml-random-forest', file: json, model };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    console.error(error.message);
    return null;
  }
}

async function championOf(pipeline: string): Promise<string | null> {
  const client = await connectClient();
  try {
    const status = await runningStatus(client, pipeline);
    return status?.champion?.model.id ?? null;
  } finally {
    await client.connection.close();
  }
}

/** @throws RangeError if the store has no such model */
async function modelBytes(store: ArtefactStore, id: string): Promise<Uint8Array> {
  const uri = `models/${id}/model.bin`;
  if (!(await store.exists(uri))) throw new RangeError('the store has no such model');
  return store.get(uri);
}
