import type { DetectionOptions } from '../core/drift/detection-options.ts';
import { rateOfOneFile } from '../core/drift/false-alarms.ts';
import type { PipelineConfig } from './schema.ts';

/**
 * How a pipeline has two tables compared.
 * @param falseAlarmRate what the file may spend; absent: what the pipeline says for any file
 */
export function detectionOptionsOf(
  {
    detection,
    target,
    ignore,
    timeColumn,
  }: Pick<PipelineConfig, 'detection' | 'target' | 'ignore' | 'timeColumn'>,
  falseAlarmRate: number = rateOfOneFile(detection.falseAlarmRate, detection.horizon),
): DetectionOptions {
  return {
    ...detection,
    falseAlarmRate,
    target,
    ignore,
    ...(timeColumn === undefined ? {} : { timeColumn }),
  };
}
