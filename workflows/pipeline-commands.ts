import { patched } from '@temporalio/workflow';
import { CLOSED_BREAKER } from '../core/breaker.ts';
import { jsonBytes, MAX_CONFIG_BYTES } from './carried-size.ts';
import { command } from './command.ts';
import {
  configure,
  dropShadow,
  importModel,
  MAX_SHADOW_FILES,
  pause,
  promote,
  reprocess,
  resetBreaker,
  resume,
  retire,
  retrain,
  rollback,
  NO_ROOM,
  UNCHANGED,
  type Candidate,
  type DatasetFile,
  type ModelRef,
  type RunSummary,
} from './contract.ts';
import { keepCandidate, putInForce, setShadow, type PipelineState } from './pipeline-state.ts';
import { fileOf, roomIn, takeInAgain, wrongFile } from './queue.ts';

/** Registers what may be said to a pipeline. Every update names who asked and why, and is kept. */
export function handleCommands(state: PipelineState): void {
  handlePausing(state);
  handleModelCommands(state);
  handleImports(state);
  handleRunCommands(state);
  handleConfiguring(state);
  handleRetiring(state);
}

function handlePausing(state: PipelineState): void {
  command(state, 'pause', pause, {
    check: () => (state.paused === null ? null : 'the pipeline is paused already'),
    apply: ({ by, why }) => {
      state.paused = { by, why, at: now() };
      return 'new files wait in the queue';
    },
  });
  command(state, 'resume', resume, {
    check: () => (state.paused === null ? 'the pipeline is not paused' : null),
    apply: () => {
      state.paused = null;
      return `${state.queue.length} files were waiting`;
    },
  });
  command(state, 'resetBreaker', resetBreaker, {
    check: () =>
      state.breaker.kind === 'closed' && state.breaker.failures === 0
        ? 'the breaker is closed and has counted no failure'
        : null,
    apply: () => {
      const before = state.breaker.kind;
      state.breaker = CLOSED_BREAKER;
      return `it was ${before}`;
    },
  });
}

function handleModelCommands(state: PipelineState): void {
  command(state, 'promote', promote, {
    check: ({ modelId }) =>
      candidate(state, modelId) === undefined ? `no candidate has the id '${modelId}'` : null,
    apply: ({ modelId, by, why }) => {
      const found = candidate(state, modelId);
      if (found === undefined) return `model ${modelId}`;
      const { refusedBecause, report, ...model } = found;
      putInForce(state, { model, since: now(), by, why });
      const detail = `model ${modelId}${refusedBecause === undefined ? '' : `, which was refused: ${refusedBecause}`}`;
      return report === undefined ? detail : { detail, report };
    },
  });
  command(state, 'dropShadow', dropShadow, {
    check: ({ modelId }) =>
      state.shadow?.model.id === modelId ? null : `model '${modelId}' does not run in shadow`,
    apply: ({ modelId, by, why }) => {
      const seen = state.shadow?.seen.length ?? 0;
      setShadow(state, null, `${by} ended its time beside the champion: ${why}`);
      return `model ${modelId}, after ${seen} files`;
    },
  });
  command(state, 'rollback', rollback, {
    check: () => (state.previous === null ? 'there is no previous model to roll back to' : null),
    apply: ({ by, why }) => {
      const previous = state.previous;
      if (previous === null) return 'nothing to roll back to';
      putInForce(state, { model: previous.model, since: now(), by, why });
      return `back to model ${previous.model.id}`;
    },
  });
}

function handleImports(state: PipelineState): void {
  command(state, 'importModel', importModel, {
    check: ({ model, files }) => {
      const { champion, shadow } = state;
      if (!Number.isInteger(files) || files < 0 || files > MAX_SHADOW_FILES) {
        return `it may run beside the champion for 0 to ${MAX_SHADOW_FILES} files, got ${files}`;
      }
      if (knows(state, model.id)) return `the pipeline has model ${model.id} already`;
      if (champion === null) return null;
      if (champion.model.task !== model.task) {
        return `it is for ${model.task}, the champion for ${champion.model.task}`;
      }
      return files === 0 || shadow === null
        ? null
        : `challenger ${shadow.model.id} runs beside the champion: one at a time does`;
    },
    apply: ({ model, files, by, why }) => {
      const { champion } = state;
      if (champion === null) {
        putInForce(state, { model, since: now(), by, why });
        return `model ${model.id} is the first champion`;
      }
      if (files === 0) {
        const refusedBecause = 'It was imported; nothing has compared it with the champion.';
        keepCandidate(state, { ...model, refusedBecause });
        return `model ${model.id} is a candidate`;
      }
      const championId = champion.model.id;
      const shadow = { model, championId, since: now(), why, files, seen: [], comparison: null };
      setShadow(state, shadow, 'An imported model took its place beside the champion.');
      return `model ${model.id} runs beside the champion for ${files} files`;
    },
  });
}

function knows({ champion, previous, candidates, shadow }: PipelineState, id: string): boolean {
  const models: readonly (ModelRef | undefined)[] = [
    champion?.model,
    previous?.model,
    shadow?.model,
    ...candidates,
  ];
  return models.some((model) => model?.id === id);
}

function handleRunCommands(state: PipelineState): void {
  command(state, 'retrain', retrain, {
    check: () =>
      newestRunWithData(state) === undefined
        ? 'no file has been read yet to train on'
        : queueIsFull(state),
    apply: ({ by, why }) => {
      const run = newestRunWithData(state);
      if (run !== undefined) takeInAgain(state, fileOf(run), { by, why });
      return `on ${run?.fileName ?? 'no file'}`;
    },
  });
  command(state, 'reprocess', reprocess, {
    check: ({ sha256, file }) => {
      if (file !== undefined) {
        const wrong = wrongFile(file, sha256);
        if (wrong !== null) return wrong;
      } else if (runOf(state, sha256) === undefined) {
        return `no recent run is of a file with sha256 '${sha256}'; name it to 'npm run calmops -- reprocess', which finds it in the store`;
      }
      if (state.queue.some((queued) => queued.file.sha256 === sha256)) {
        return 'the file waits to be run already';
      }
      const reason = queueIsFull(state);
      return reason === null ? null : { type: NO_ROOM, reason };
    },
    apply: ({ sha256, file }) => {
      const again = fileAgain(runOf(state, sha256), file);
      if (again === undefined) return 'no file';
      const isLast =
        state.patchesHold || patched('repetitions in the order in which they are asked');
      takeInAgain(state, again, null, isLast);
      return again.name;
    },
  });
}

function handleConfiguring(state: PipelineState): void {
  command(state, 'configure', configure, {
    check: ({ config }) => {
      if (config.name !== state.config.name) return `the name cannot change to '${config.name}'`;
      if (config.target !== state.config.target) {
        return `the target cannot change from '${state.config.target}' to '${config.target}': models of the old one would be compared with the new; make a new pipeline`;
      }
      const bytes = jsonBytes(config);
      if (bytes > MAX_CONFIG_BYTES) {
        return `the configuration takes ${bytes} bytes as JSON, the limit is ${MAX_CONFIG_BYTES}: send a reference to it, as the watcher of this release does`;
      }
      return isSameJson(config, state.config)
        ? { type: UNCHANGED, reason: 'this is the configuration in force' }
        : null;
    },
    apply: ({ config }) => {
      state.config = config;
      return 'in force from the next file on';
    },
  });
}

/** Both come from JSON, and so does the order of their keys: the same file gives the same text. */
const isSameJson = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

function handleRetiring(state: PipelineState): void {
  command(state, 'retire', retire, {
    check: ({ queue }) => {
      if (state.retiring !== null) return 'the pipeline is being retired already';
      if (queue === 'finish' && state.paused !== null && state.queue.length > 0) {
        return `it is paused and ${countOf(state.queue.length, 'file waits', 'files wait')}: resume it first, or drop them`;
      }
      return null;
    },
    apply: ({ by, why, queue }) => {
      state.retiring = { by, why, queue };
      const waiting = countOf(state.queue.length, 'file', 'files');
      if (queue === 'finish') return `it ends after ${waiting}`;
      state.queue = [];
      return `${waiting} that waited will not be run`;
    },
  });
}

const countOf = (count: number, one: string, many: string): string =>
  `${count} ${count === 1 ? one : many}`;

/** A challenger that may be put in force by hand: one that was refused, or the one in shadow before its time. */
function candidate(state: PipelineState, id: string): Candidate | undefined {
  const inShadow = state.shadow?.model;
  return (
    state.candidates.find((model) => model.id === id) ??
    (inShadow?.id === id ? inShadow : undefined)
  );
}

function queueIsFull(state: PipelineState): string | null {
  return roomIn(state) > 0 ? null : 'as many files wait as the pipeline takes in; ask again later';
}

function newestRunWithData(state: PipelineState): RunSummary | undefined {
  return state.recent.findLast((run) => run.rows !== null && run.outcome !== 'waiting');
}

/** Where it is read: what is known of the file from its latest arrival. */
function fileAgain(
  run: RunSummary | undefined,
  file: DatasetFile | undefined,
): DatasetFile | undefined {
  if (run === undefined || file === undefined) return run === undefined ? file : fileOf(run);
  return Date.parse(file.arrivedAt) > Date.parse(run.arrivedAt) ? file : fileOf(run);
}

function runOf(state: PipelineState, sha256: string): RunSummary | undefined {
  return state.recent.findLast((run) => run.sha256 === sha256);
}

const now = (): string => new Date().toISOString();
