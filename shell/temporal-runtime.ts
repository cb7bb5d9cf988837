import { Runtime, type RuntimeOptions } from '@temporalio/worker';
import type { Logger } from 'pino';
import { temporalLogger } from './logging.ts';

/**
 * Sends the logs of the Temporal SDK to `logger` and leaves signals to the process. To be called before
 * the first worker connection.
 * @param metricsAddress where Prometheus may read the worker's metrics, under `/metrics`; null: nowhere
 * @throws if that address cannot be listened on
 */
export function installTemporalRuntime(logger: Logger, metricsAddress: string | null): void {
  const options: RuntimeOptions = {
    logger: temporalLogger(logger),
    telemetryOptions: {
      logging: { filter: { core: 'WARN', other: 'ERROR' }, forward: {} },
      ...(metricsAddress !== null && {
        metrics: { prometheus: { bindAddress: metricsAddress, useSecondsForDurations: true } },
      }),
    },
    shutdownSignals: [],
  };
  try {
    Runtime.install(options);
  } catch (error) {
    if (metricsAddress === null) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`CALMOPS_METRICS_ADDRESS ${metricsAddress}: ${reason}`, { cause: error });
  }
}
