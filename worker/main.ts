/** A worker by itself: more of them, on any number of hosts, share the work. */
import { keepHealthFile } from '../shell/health.ts';
import { createLogger } from '../shell/logging.ts';
import { aborted, runProcess } from '../shell/process.ts';
import { installTemporalRuntime } from '../shell/temporal-runtime.ts';
import { startWorker } from './worker.ts';

await runProcess(
  { component: 'worker', log: createLogger },
  async ({ settings, logger, signal }) => {
    installTemporalRuntime(logger, settings.metricsAddress);
    const worker = await startWorker({ settings, logger });
    const health = keepHealthFile({
      ...{ settings, logger, component: 'worker' },
      look: () => worker.health(),
    });
    await Promise.race([worker.run, aborted(signal)]).finally(() => health.close());
    await worker.shutdown();
    if (!signal.aborted) throw new Error('The worker stopped by itself.');
    return 0;
  },
);
