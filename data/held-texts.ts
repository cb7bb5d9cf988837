import type { DuckDBConnection } from '@duckdb/node-api';
import { columnAlias } from './duckdb.ts';
import type { MissingFound } from './clean-texts.ts';
import type { MissingTexts } from './missing-texts.ts';

/**
 * The texts of a short file by column, null where a field is missing: each further query would take longer to plan than
 * it takes to look at all of them.
 */
export type HeldTexts = readonly (readonly (string | null)[])[];

/**
 * The texts of the columns c0, c1, … of the table `data`, all of which are texts.
 * @param columns how many there are
 */
export async function holdTexts(connection: DuckDBConnection, columns: number): Promise<HeldTexts> {
  const selected = Array.from({ length: columns }, (_, j) => columnAlias(j));
  const reader = await connection.runAndReadAll(`SELECT ${selected.join(', ')} FROM data`);
  const held = reader.getColumns() as readonly (readonly unknown[])[];
  return selected.map((_, j) =>
    (held[j] ?? []).map((value) => (typeof value === 'string' ? value : null)),
  );
}

/** The texts that stand for missing values in each column, as `findMissing` finds them. */
export function missingIn(held: HeldTexts, { everywhere }: MissingTexts): readonly MissingFound[] {
  const tokens = new Set(everywhere);
  return held.map((values) => {
    const found = new Map<string, number>();
    for (const value of values) {
      if (value !== null && tokens.has(value)) found.set(value, (found.get(value) ?? 0) + 1);
    }
    return new Map([...found].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
  });
}
