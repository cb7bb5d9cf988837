import type { MonitorDatasetInput } from './contract.ts';

/** Whether a run was begun by code of this version or a newer one: see `MonitorDatasetInput`. */
export function wasBegunBy(
  version: NonNullable<MonitorDatasetInput['version']>,
  input: Pick<MonitorDatasetInput, 'version'>,
): boolean {
  return (input.version ?? 1) >= version;
}
