import type { DuckDBDataChunk, DuckDBResult } from '@duckdb/node-api';

/** The chunks of a result that is streamed, each fetched while the one before it is worked on. */
export async function* chunksOf(result: DuckDBResult): AsyncGenerator<DuckDBDataChunk> {
  let coming = result.fetchChunk();
  try {
    for (let chunk = await coming; chunk !== null && chunk.rowCount > 0; chunk = await coming) {
      coming = result.fetchChunk();
      yield chunk;
    }
  } finally {
    // A connection is not closed under a fetch.
    await coming.catch(() => undefined);
  }
}
