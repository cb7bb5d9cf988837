/** `calmops export PIPELINE --onnx FILE [--model ID]`: the champion, or another model of the pipeline, as a file. */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { loadModel } from '../core/models/artefact.ts';
import { onnxGraphOf } from '../core/models/onnx/export.ts';
import { connectClient } from '../shell/connection.ts';
import { createFileLogger } from '../shell/logging.ts';
import { runProcess } from '../shell/process.ts';
import { runningStatus } from '../starter/intake.ts';
import type { ArtefactStore } from '../store/artefact-store.ts';
import { openLocalStore } from '../store/local-store.ts';
import { encodeOnnx } from '../store/onnx.ts';

const USAGE = 'Usage: npm run calmops -- export PIPELINE --onnx FILE [--model ID]';

await runProcess({ component: 'export', log: createFileLogger }, async ({ settings }) => {
  const wanted = readArguments();
  if (wanted === null) {
    console.error(USAGE);
    return 1;
  }
  const { pipeline, file } = wanted;
  const id = wanted.model ?? (await championOf(pipeline));
  if (id === null) {
    console.error(`${pipeline} has no champion yet; name a model with --model`);
    return 1;
  }
  try {
    const bytes = await modelBytes(openLocalStore(settings.storeFolder), id);
    await writeFile(file, encodeOnnx(onnxGraphOf(loadModel(bytes))));
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
  readonly file: string;
  readonly model: string | undefined;
} | null {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { onnx: { type: 'string' }, model: { type: 'string' } },
    });
    const [pipeline] = positionals;
    if (pipeline === undefined || values.onnx === undefined) return null;
    return { pipeline, file: values.onnx, model: values.model };
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
