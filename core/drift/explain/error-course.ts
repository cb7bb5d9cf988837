import type { Table } from '../../table.ts';
import { streamDetectors } from '../streams/all-detectors.ts';
import type { StreamDetectorName } from '../streams/all-detectors.ts';
import { runDetector } from '../streams/stream-detector.ts';
import { ranksOf } from './onset.ts';
import type { RowErrors } from './row-errors.ts';
import { onsetInOrder, placeOf, rowOrder } from './row-onset.ts';
import type { RowOnset } from './row-onset.ts';

/** The champion's errors in the order in which the rows of a file happened. Shown; it decides nothing. JSON-safe. */
export interface ErrorCourse {
  /** rows looked at */
  readonly rows: number;
  /** the row from which on the champion errs more; null if there is none, with p ≤ 0.05 */
  readonly onset: RowOnset | null;
  /** the detector that watched the errors, and the rows at which it signalled a change */
  readonly detector: string;
  readonly changes: number;
  /** at most 10 of them, the first ones first */
  readonly firstChanges: readonly Pick<RowOnset, 'row' | 'time' | 'rowsBefore'>[];
}

const LEVEL = 0.05;
const CHANGES_SHOWN = 10;

/**
 * Watches the champion's losses from row to row.
 *
 * The onset looks at the whole file at once (`findOnset`, of the losses' ranks); the detector goes from row to row, as
 * it would have in a live stream, and signals later than the change by its delay. It is given 0/1 errors as they are,
 * the sizes of errors of numbers as ranks in (0, 1), or, if it is made for errors, whether they are above the median.
 *
 * @param table the rows, for their time
 * @param errors one for each row
 * @throws RangeError if the time column is absent or holds text
 */
export function followErrors(
  table: Table,
  { losses }: RowErrors,
  detector: StreamDetectorName,
  timeColumn?: string,
): ErrorCourse {
  const order = rowOrder(
    table,
    Int32Array.from({ length: table.rows }, (_, i) => i),
    timeColumn,
  );
  const inOrder = Float64Array.from(order.rows, (row) => losses[row]);
  const onset = onsetInOrder(ranksOf(inOrder), order);
  const chosen = streamDetectors[detector];
  const { changes } = runDetector(chosen, inputFor(chosen.input, inOrder));
  return {
    rows: table.rows,
    onset: onset !== null && onset.pValue <= LEVEL ? onset : null,
    detector: chosen.name,
    changes: changes.length,
    firstChanges: changes.slice(0, CHANGES_SHOWN).map((position) => placeOf(order, position)),
  };
}

/** Errors of 0 and 1 are what they are for every detector. */
function inputFor(input: 'error' | 'loss' | 'number', losses: Float64Array): Float64Array {
  if (losses.every((loss) => loss === 0 || loss === 1)) return losses;
  if (input === 'error') {
    const median = losses.slice().sort()[losses.length >> 1];
    return losses.map((loss) => Number(loss > median));
  }
  // Ranks, as one large loss would make all others too small to tell apart.
  return ranksOf(losses).map((rank) => (rank - 0.5) / losses.length);
}
