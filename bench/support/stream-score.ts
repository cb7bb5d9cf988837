import { runDetector, type AnyStreamDetector } from '../../core/drift/streams/stream-detector.ts';
import type { ErrorStream } from './stream-errors.ts';

/** How well a detector does on streams of one change each. */
export interface StreamScore {
  /** rows in which nothing changed: those before the change, and those after it was found and was over */
  readonly quietRows: number;
  readonly falseAlarms: number;
  /** mean rows between two false alarms: quiet rows ÷ alarms, or all quiet rows where there was none */
  readonly mtfa: number;
  /** mean rows from the start of a change to its detection; null where none was found */
  readonly delay: number | null;
  /** share of the changes that were not found before the stream ended */
  readonly missed: number;
  /** mtfa ÷ delay · (1 − missed); 0 where none was found */
  readonly mtr: number;
}

export function scoreDetector(
  detector: AnyStreamDetector,
  options: object,
  streams: readonly ErrorStream[],
): StreamScore {
  let quietRows = 0;
  let falseAlarms = 0;
  let missed = 0;
  const delays: number[] = [];
  for (const { errors, change } of streams) {
    const { changes } = runDetector(detector, errors, options);
    const found = changes.find((row) => row >= change.start);
    const quietAgain = found === undefined ? errors.length : Math.max(found + 1, change.end);
    if (found === undefined) missed++;
    else delays.push(found - change.start);
    quietRows += change.start + errors.length - quietAgain;
    falseAlarms += changes.filter((row) => row < change.start || row >= quietAgain).length;
  }
  const mtfa = quietRows / Math.max(1, falseAlarms);
  const missedShare = missed / streams.length;
  // Counted in whole rows: found in the very row of the change is a delay of 0, which no ratio can bear.
  const delay = delays.length === 0 ? null : delays.reduce((sum, d) => sum + d) / delays.length;
  const mtr = delay === null ? 0 : (mtfa / Math.max(1, delay)) * (1 - missedShare);
  return { quietRows, falseAlarms, mtfa, delay, missed: missedShare, mtr };
}
