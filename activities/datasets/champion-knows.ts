import { hasValues, type Table } from '../../core/table.ts';
import type { ModelRef } from '../../workflows/contract.ts';
import type { Environment } from '../environment.ts';
import { DamagedModelError } from '../models/damaged-model.ts';
import { cardOf } from '../models/lineage.ts';

/** What a champion knows of a file's columns. */
export interface ChampionKnows {
  readonly features: readonly { readonly name: string; readonly kind: 'numeric' | 'categorical' }[];
  /** empty for regression */
  readonly classes: readonly string[];
}

/** What the card of a champion says; null where there is no champion, or its card is damaged, which the run finds out later. */
export async function knownTo(
  champion: ModelRef | undefined,
  { store }: Pick<Environment, 'store'>,
): Promise<ChampionKnows | null> {
  if (champion === undefined) return null;
  try {
    const { features, classes } = await cardOf(champion, store);
    return { features, classes };
  } catch (error) {
    if (error instanceof DamagedModelError) return null;
    throw error;
  }
}

/** The columns with values that the champion knows as another kind than they were read as, and that kind. */
export function otherKinds(
  table: Table,
  { features }: ChampionKnows,
): Readonly<Record<string, 'numeric' | 'categorical'>> {
  const kindOf = new Map(features.map(({ name, kind }) => [name, kind]));
  return Object.fromEntries(
    table.columns.flatMap((column) => {
      const kind = kindOf.get(column.name);
      return kind === undefined || kind === column.kind || !hasValues(column)
        ? []
        : [[column.name, kind]];
    }),
  );
}
