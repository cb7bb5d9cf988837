import type { DuckDBDataChunk, DuckDBResult } from '@duckdb/node-api';
import bindings from '@duckdb/node-bindings';

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

/** A column of DOUBLE without NULL: the vector's memory, as a visit to each item takes five times as long. */
export function doublesOf(chunk: DuckDBDataChunk, j: number): Float64Array {
  const vector = bindings.data_chunk_get_vector(chunk.chunk, j);
  const bytes = bindings.vector_get_data(vector, chunk.rowCount * Float64Array.BYTES_PER_ELEMENT);
  return new Float64Array(bytes.buffer, bytes.byteOffset, chunk.rowCount);
}
