import type { Table } from '../../core/table.ts';

/** Values that a thread keeps at hand: 64 MB of them at most. */
const MAX_VALUES = 8_000_000;

/**
 * The tables that a thread read last: one file is looked at by several activities in a row.
 */
export interface RecentTables {
  /** The table of an artefact with this hash; `read` is asked when it is not at hand. */
  get(sha256: string, read: () => Promise<Table>): Promise<Table>;
}

export function createRecentTables(maxValues: number = MAX_VALUES): RecentTables {
  /** the one used last at the end */
  const tables = new Map<string, Table>();
  return {
    get: async (sha256, read) => {
      const table = tables.get(sha256) ?? (await read());
      tables.delete(sha256);
      tables.set(sha256, table);
      let values = [...tables.values()].reduce((sum, each) => sum + valuesOf(each), 0);
      for (const [key, each] of tables) {
        if (values <= maxValues) break;
        tables.delete(key);
        values -= valuesOf(each);
      }
      return table;
    },
  };
}

function valuesOf(table: Table): number {
  return table.rows * table.columns.length;
}
