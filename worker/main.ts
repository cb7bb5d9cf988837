/** A worker by itself: more of them, on any number of hosts, share the work. */
import { createLogger } from '../shell/logging.ts';
import { aborted, runProcess } from '../shell/process.ts';
import { installTemporalRuntime } from '../shell/temporal-runtime.ts';
import { startWorker } from './worker.ts';

await runProcess(
  { component: 'worker', log: createLogger },
  async ({ settings, logger, signal }) => {
    installTemporalRuntime(logger, settings.metricsAddress);
    const worker = await startWorker({ settings, logger });
    await Promise.race([worker.run, aborted(signal)]);
    await worker.shutdown();
    return 0;
  },
);
