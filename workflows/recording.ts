import {
  isCancellation,
  log,
  proxyActivities,
  proxyLocalActivities,
  TemporalFailure,
} from '@temporalio/workflow';
import { RECORDING, RECORDING_VISIBLY } from './activity-options.ts';
import type { LightActivities } from './contract.ts';

type Recording = Omit<LightActivities, 'notify'>;

const quick = proxyLocalActivities<Recording>(RECORDING);
const visible = proxyActivities<Recording>(RECORDING_VISIBLY);

/** What workflows write to the store and read from it, tried until it works: see `RECORDING`. */
export const recording: Recording = {
  publish: (report) => untilDone((by) => by.publish(report)),
  findChampion: (pipeline) => untilDone((by) => by.findChampion(pipeline)),
  saveState: (state) => untilDone((by) => by.saveState(state)),
  findState: (pipeline) => untilDone((by) => by.findState(pipeline)),
  findRuns: (after) => untilDone((by) => by.findRuns(after)),
  findRun: (run) => untilDone((by) => by.findRun(run)),
  sealRuns: (page) => untilDone((by) => by.sealRuns(page)),
};

async function untilDone<T>(record: (by: Recording) => Promise<T>): Promise<T> {
  try {
    return await record(quick);
  } catch (error) {
    // A local activity fails with what it threw, or with the time-out, and not with an `ActivityFailure` around it.
    if (!(error instanceof TemporalFailure) || isCancellation(error)) throw error;
    log.warn('The store cannot be reached: recording goes on as an activity of its own', {
      error: String(error),
    });
    return record(visible);
  }
}
