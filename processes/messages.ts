/** What one task may use. A task that takes more is ended with its process. */
export interface TaskLimits {
  /** Resident memory of the whole process, in MB. */
  readonly memoryMb: number;
  /** Processor time over all threads of the process since the task began, in seconds. */
  readonly cpuSeconds: number;
}

/** What the parent says to a process. `start` comes first and once. */
export type ToProcess =
  | { readonly kind: 'start'; readonly data: unknown }
  | { readonly kind: 'task'; readonly request: unknown; readonly limits: TaskLimits | null };

/** What a process says to its parent. */
export type FromProcess =
  | { readonly kind: 'ready' }
  | { readonly kind: 'progress'; readonly value: unknown }
  | {
      readonly kind: 'done';
      readonly reply: unknown;
      /** Resident memory of the process after the task, in MB. */
      readonly memoryMb: number;
    };

/**
 * The signals by which the watchdog of a process ends it. Nothing else sends them, so the parent knows the reason from
 * the signal.
 */
export const LIMIT_SIGNALS = { memory: 'SIGUSR2', cpu: 'SIGVTALRM' } as const;
