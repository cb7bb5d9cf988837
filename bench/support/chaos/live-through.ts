import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { reportUri } from '../../../workflows/contract.ts';
import { checkInvariants } from '../check-invariants.ts';
import { finalState, type FinalState } from '../final-state.ts';
import {
  install,
  type Installation,
  type InstallOptions,
  type PipelineYamls,
} from '../installation.ts';
import type { EndOfPart } from '../parts.ts';
import { createClaims, type Claims } from './claims.ts';
import { dropInto, type Dropped } from './stream.ts';

/** What an installation went through with a stream, and how it ended. */
export interface Lived {
  readonly state: FinalState;
  /** broken invariants, a sentence each */
  readonly violations: readonly string[];
  readonly ends: readonly EndOfPart[];
  /** seconds from the last disturbance until every file had its outcome */
  readonly recoverySeconds: number;
}

export interface LiveOptions {
  readonly stream: readonly Dropped[];
  readonly pipelines: PipelineYamls;
  /** files are dropped over this time, evenly */
  readonly feedMs: number;
  /** longest wait for one more outcome after the last disturbance */
  readonly patienceMs: number;
  readonly installOptions: InstallOptions;
  /** is let loose on the installation while files arrive; answers with what must not have happened */
  readonly disturb: (
    installation: Installation,
    folders: Claims<string>,
  ) => Promise<readonly string[]>;
}

/** Runs the stream through an installation of its own, checks what it left, and removes it. */
export async function liveThrough(options: LiveOptions): Promise<Lived> {
  const installation = await install(options.pipelines, options.installOptions);
  try {
    const folders = createClaims<string>();
    const [, seen] = await Promise.all([
      feed(installation, folders, options),
      options.disturb(installation, folders),
    ]);
    const quietAt = performance.now();
    const late = await untilOutcomes(installation, options);
    const recoverySeconds = (performance.now() - quietAt) / 1000;
    if (late.length === 0) await untilRunsClosed(installation, options);
    const { stream } = options;
    const broken = await checkInvariants(installation, stream);
    const state = await finalState(path.join(installation.home, 'store'));
    return {
      ...{ state, recoverySeconds, ends: installation.parts.ends },
      violations: [...seen, ...late, ...broken],
    };
  } finally {
    await installation.remove();
  }
}

/** Two files of one millisecond would be in the order of their names. */
const STEP_MS = 5;

async function feed(
  installation: Installation,
  folders: Claims<string>,
  { stream, feedMs }: LiveOptions,
): Promise<void> {
  const startedAt = performance.now();
  const outside = path.join(installation.folder, 'outside');
  await mkdir(outside);
  let mtimeMs = 0;
  for (const [i, dropped] of stream.entries()) {
    const due = startedAt + (i / stream.length) * feedMs;
    await setTimeout(Math.max(0, due - performance.now()));
    const folder = installation.incoming(dropped.pipeline);
    const release = await folders.claim(folder);
    try {
      mtimeMs = Math.max(Date.now(), mtimeMs + STEP_MS);
      await dropInto(folder, dropped, { mtimeMs, outside });
    } finally {
      release();
    }
  }
}

/** A report is in the store a moment before its run has ended on the server. */
async function untilRunsClosed(
  { client }: Installation,
  { patienceMs }: LiveOptions,
): Promise<void> {
  const deadline = performance.now() + patienceMs;
  const query = "WorkflowType = 'monitorDataset' AND ExecutionStatus = 'Running'";
  while (performance.now() < deadline) {
    const { count } = await client.workflow.count(query);
    if (count === 0) return;
    await setTimeout(250);
  }
}

/**
 * Waits as long as outcomes come: how fast they do is a matter of the machine.
 * @returns a sentence for each file that has none when patience ends
 */
async function untilOutcomes(
  installation: Installation,
  { stream, patienceMs }: LiveOptions,
): Promise<readonly string[]> {
  let deadline = performance.now() + patienceMs;
  let fewest = Infinity;
  for (;;) {
    const missing = stream.filter(
      ({ pipeline, sha256, expected }) =>
        expected === 'outcome' &&
        !existsSync(path.join(installation.home, 'store', reportUri(pipeline, sha256 ?? '', 0))),
    );
    if (missing.length === 0) return [];
    if (missing.length < fewest) {
      fewest = missing.length;
      deadline = performance.now() + patienceMs;
    }
    if (performance.now() > deadline) {
      return missing.map(
        ({ pipeline, name }) =>
          `${pipeline}: ${JSON.stringify(name.toString())} has no outcome, and for ${patienceMs / 1000} s no other file had one`,
      );
    }
    await setTimeout(250);
  }
}
