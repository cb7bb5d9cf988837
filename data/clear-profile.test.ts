import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { describe, it } from 'node:test';
import { clearProfile } from './clear-profile.ts';
import { sqlString, withDatabase } from './duckdb.ts';
import { missingTexts } from './missing-texts.ts';
import { profileTexts, type TextProfile } from './text-profile.ts';

const BLANKS = missingTexts(undefined).amongNumbers;

type Values = readonly (string | null)[];

/** As queries find it. */
async function queriedProfiles(columns: readonly Values[]): Promise<readonly TextProfile[]> {
  return withDatabase({ folder: tmpdir(), threads: 1 }, async (connection) => {
    const profiles: TextProfile[] = [];
    for (const values of columns) {
      const rows = values.map((text) => `(${text === null ? 'NULL::VARCHAR' : sqlString(text)})`);
      const from = `(VALUES ${rows.join(', ')}) AS t(c0)`;
      const of = { from, rows: values.length };
      profiles.push(...(await profileTexts(connection, of, ['c0'], { blanks: BLANKS })));
    }
    return profiles;
  });
}

/** Texts of every sort that a glance may take for clear, and those most like them that it must not. */
const SORTS: Readonly<Record<string, readonly string[]>> = {
  whole: ['0', '7', '-12', '1234', '999', '100002', '-0', '999999999999999', '9007199254740993'],
  decimals: ['1.5', '-2.25', '340.24', '1183.25', '0.125', '2.390', '-2.390', '12.000', '1000.125'],
  versions: ['1.1', '1.10', '1.2', '2.0', '10.10', '123.456', '1.100'],
  zeros: ['0012', '-007', '00', '00.5', '01.250', '+5', '+4915112345678'],
  written: ['2,390.31', '5 %', '12%', '$5', 'EUR 12', '12 kr', '1e5', '.5', '5.', '(3)', '1_000'],
  times: ['2024-01-01', '1999-12-28T23:59:59', '2024-02-29', '2024-02-30', '2024-01-01 10:00:00Z'],
  oddTimes: ['1066-10-14', '1500-01-01', '2499-12-28', '2500-01-01', '2501-01-01', '9999-12-31'],
  words: ['Köln', 'yes', 'no', 'true', 'False', 'TRUE', 'a.b', 'x, y', 'inf', 'NaN', 'Infinity'],
  codes: [
    'A1',
    'B-12',
    'AB_3',
    'abc1',
    '0xff',
    '1f',
    '1d',
    '0b101',
    'K5',
    'E5',
    'US5',
    'a 12',
    '1a',
  ],
  blanks: [
    '-',
    '--',
    '.',
    '..',
    'none',
    'n.a.',
    'EUR',
    'kr',
    '()',
    '%',
    '',
    '€',
    'e',
    '1:30',
    'true1',
  ],
};

/** A generator of numbers from 0 to 1: the same with every run. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

describe('the profile of texts that are clear at a glance', () => {
  it('is the one that queries find, for each text alone', async () => {
    const columns = Object.values(SORTS)
      .flat()
      .map((text) => [text]);
    await assertEqualProfiles(columns, 45);
  });

  it('is the one that queries find, for any mixture of texts', async () => {
    const next = generator(5);
    const pick = <T>(from: readonly T[]): T => from[Math.floor(next() * from.length)] as T;
    const sorts = Object.values(SORTS);
    const columns = Array.from({ length: 400 }, (): Values => {
      const own = Array.from({ length: 1 + Math.floor(next() * 2) }, () => pick(sorts));
      const texts = Array.from({ length: 1 + Math.floor(next() * 5) }, () => pick(pick(own)));
      return Array.from({ length: 1 + Math.floor(next() * 12) }, () =>
        next() < 0.1 ? null : pick(texts),
      );
    });
    await assertEqualProfiles(columns, 150);
  });
});

/** @param atLeast so many must be clear, so that the test is about something */
async function assertEqualProfiles(columns: readonly Values[], atLeast: number): Promise<void> {
  const clear = columns.flatMap((values) => {
    const profile = clearProfile(values, BLANKS);
    return profile === null ? [] : [{ values, profile }];
  });
  assert.ok(clear.length >= atLeast, `only ${clear.length} are clear`);
  const queried = await queriedProfiles(clear.map(({ values }) => values));
  clear.forEach(({ values, profile }, k) => {
    assert.deepEqual(profile, queried[k], JSON.stringify(values));
  });
}
