/**
 * What a detector says about the value it was just given: nothing, a warning (a change may be under way:
 * start to keep rows for a new model), or a change.
 */
export type Signal = 'none' | 'warning' | 'change';

/**
 * Watches a stream of numbers, value by value, for a change of its distribution.
 *
 * The state is plain JSON of bounded size: numbers, strings, booleans, null, arrays and objects, never NaN
 * or Infinity, so that it can be stored in the middle of a stream and continued elsewhere with the same
 * signals. It holds its own options. `advance` changes the state **in place** (a copy a value would cost
 * more than the test itself) and takes constant time, or time bounded by the options; who needs the old state
 * clones it first. After a change the detector starts afresh by itself, unless an option says otherwise.
 */
export interface StreamDetector<Options extends object, State extends object> {
  /** the field's name */
  readonly name: string;
  /** which values it takes: 1 for an error and 0 for none; a loss from 0 to 1; or any number */
  readonly input: 'error' | 'loss' | 'number';
  readonly defaults: Options;
  /**
   * Starts a stream.
   * @param options those that differ from the defaults
   * @throws RangeError if an option is out of its range
   */
  open(options?: Partial<Options>): State;
  /**
   * Takes the next value into the state, in place.
   * @throws RangeError if the value is not of the kind `input` names; the state is then unchanged
   */
  advance(state: State, x: number): Signal;
}

/** Any detector; it must only be given states that it opened itself. */
export type AnyStreamDetector = StreamDetector<object, object>;

/** Which changes of the mean count: towards larger values only (more errors), or both ways. */
export type Sides = 'increase' | 'both';

/** The positions, from 0, at which a detector signalled. */
export interface StreamSignals {
  readonly warnings: readonly number[];
  readonly changes: readonly number[];
}

/**
 * Runs a detector over a whole stream.
 * @throws RangeError if an option or a value is out of its range
 */
export function runDetector<Options extends object, State extends object>(
  detector: StreamDetector<Options, State>,
  stream: ArrayLike<number>,
  options: Partial<Options> = {},
): StreamSignals {
  const state = detector.open(options);
  const warnings: number[] = [];
  const changes: number[] = [];
  for (let i = 0; i < stream.length; i++) {
    const signal = detector.advance(state, stream[i]);
    if (signal === 'warning') warnings.push(i);
    else if (signal === 'change') changes.push(i);
  }
  return { warnings, changes };
}
