/** What the body of an activity is given by `heartbeating`. */
export interface Work {
  /** aborted when the activity is cancelled or the worker shuts down */
  readonly signal: AbortSignal;
  readonly report: (heartbeat: Heartbeat) => void;
}

/** What an activity tells the server while it works: the dashboard shows it. */
export interface Heartbeat {
  /** share done, 0 to 1 */
  readonly done: number;
  readonly note: string;
}
