import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ArtefactDamagedError } from '../store/artefact-store.ts';
import { driftedReport } from './fixtures/drift.ts';
import { parseDriftReport } from './stored-drift.ts';

const bytesOf = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

describe('a stored drift report', () => {
  it('is read as detection wrote it', () => {
    const read = parseDriftReport(bytesOf(driftedReport));
    const columns = driftedReport.columns.filter(({ name }) => name !== 'tariff');
    assert.deepEqual(
      read.columns.filter(({ name }) => name !== 'tariff'),
      columns,
    );
  });

  it('keeps outcomes of a kind it does not know, in their words', () => {
    const [column] = driftedReport.columns;
    const outcome = { kind: 'quarantined', reason: 'looks like free text', n: 3 };
    const read = parseDriftReport(bytesOf({ ...driftedReport, columns: [{ ...column, outcome }] }));
    assert.deepEqual(read.columns[0]?.outcome, {
      kind: 'other',
      words: 'quarantined',
      reason: 'looks like free text',
    });
  });

  it('is refused when a known outcome lacks its numbers', () => {
    const [column] = driftedReport.columns;
    const columns = [{ ...column, outcome: { kind: 'insufficient' } }];
    assert.throws(
      () => parseDriftReport(bytesOf({ ...driftedReport, columns })),
      ArtefactDamagedError,
    );
  });

  it('is refused when it is not JSON', () => {
    assert.throws(() => parseDriftReport(new Uint8Array([0x7b])), ArtefactDamagedError);
  });
});
