/** Every detector against the positions that other libraries publish or find on the same streams. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { streamDetectors, type StreamDetectorName } from './all-detectors.ts';
import { publishedStreams } from './fixtures/published-streams.ts';
import { runDetector, type StreamSignals } from './stream-detector.ts';

interface Case {
  readonly source: string;
  readonly stream: string;
  readonly detector: StreamDetectorName;
  readonly options: object;
  readonly changes: readonly number[];
  /** the first warning of the stream and after each change */
  readonly firstWarnings?: readonly number[];
  /** the source stops there */
  readonly upTo?: 'the first change';
}

const { published, computed } = JSON.parse(
  readFileSync(new URL('./fixtures/positions.json', import.meta.url), 'utf8'),
) as Readonly<Record<'published' | 'computed', readonly Case[]>>;

function firstWarnings({ warnings, changes }: StreamSignals): readonly number[] {
  return warnings.filter((warning, i) => {
    const previous = warnings[i - 1];
    return (
      previous === undefined || changes.some((change) => previous < change && change < warning)
    );
  });
}

function check(expected: Case): void {
  const stream = publishedStreams[expected.stream];
  assert.ok(stream !== undefined, `no stream ${expected.stream}`);
  const values = stream();
  const end = expected.upTo === undefined ? values.length : (expected.changes[0] ?? 0) + 1;
  const found = runDetector(
    streamDetectors[expected.detector],
    values.slice(0, end),
    expected.options,
  );
  assert.deepEqual(found.changes, expected.changes);
  if (expected.firstWarnings !== undefined) {
    assert.deepEqual(firstWarnings(found), expected.firstWarnings);
  }
}

const titleOf = ({ source, detector, options, stream }: Case): string =>
  `${source}: ${detector} ${JSON.stringify(options)} on ${stream}`;

describe('published change positions are met exactly', () => {
  for (const expected of published) test(titleOf(expected), () => check(expected));
});

describe('long streams give the same positions as river and frouros', () => {
  for (const expected of computed) test(titleOf(expected), () => check(expected));
});
