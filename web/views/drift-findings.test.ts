import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { driftedReport, steadyReport } from '../fixtures/drift.ts';
import type { DriftSummary } from '../../workflows/contract.ts';
import { html } from '../html.ts';
import { parseDriftReport, type StoredDrift } from '../stored-drift.ts';
import { driftSection } from './drift-section.ts';
import { explanationSection } from './explanation.ts';
import { togetherSection } from './together.ts';

const stored = (report: unknown): StoredDrift =>
  parseDriftReport(new TextEncoder().encode(JSON.stringify(report)));
const words = (part: unknown): string =>
  String(html`${part as string}`)
    .replace(/<[^>]+>/g, '')
    .replace(/\s+/g, ' ');

describe('findings over the columns', () => {
  it('say which rows carry the change, since which row, and which columns go together otherwise', () => {
    const said = words(explanationSection(stored(driftedReport)));
    assert.match(
      said,
      /The rows with period &gt; 0\.5 and meter_source = B carry it: 34\.0 % of this file/,
    );
    assert.match(said, /nswprice is different from row 613 \(1997-04-10 00:00:00 UTC\) on/);
    assert.match(
      said,
      /nswprice and vicprice hang together otherwise than before: Spearman’s ρ 0\.18 → 0\.83/,
    );
    assert.match(
      said,
      /meter_source = B and period &gt; 0\.5 became more frequent than either by itself explains: 11\.0 % of the reference, 34\.0 % of this file, 17\.0 % expected/,
    );
    assert.match(said, /of the change is gone\. Also described by nswprice &gt; 0\.06\./);
    assert.match(said, /and 2 more pairs/);
  });

  it('say what was found in the columns together, and what could not be tested', () => {
    const said = words(togetherSection(stored(driftedReport)));
    assert.match(said, /domain classifier material change 0\.731/);
    assert.match(said, /nswprice 71\.0 %, nswdemand 22\.0 %/);
    assert.match(
      said,
      /energy distance shown beside, decides nothing too few rows 12 complete rows, 30 are needed/,
    );
  });

  it('of reports from before combinations and second rules were told are shown without', () => {
    const { pairs, slice, ...explanation } = driftedReport.explanation;
    const old = {
      ...driftedReport,
      explanation: {
        ...explanation,
        pairs: pairs.map(({ combination: _, ...pair }) => pair),
        slice: slice && { ...slice, also: undefined },
      },
    };
    const said = words(explanationSection(stored(old)));
    assert.match(said, /hang together otherwise/);
    assert.doesNotMatch(said, /Also described|by itself explains/);
  });

  it('are left out of reports that do not have them', () => {
    assert.equal(explanationSection(stored(steadyReport)), null);
    assert.equal(togetherSection(stored(steadyReport)), null);
  });

  it('say what rows are worth whose neighbours are alike, and where that is more than can be known', () => {
    const column = (wanted: string) => {
      const found = driftedReport.columns.find(({ name }) => name === wanted);
      assert.ok(found !== undefined);
      return found;
    };
    const alike = stored({
      ...driftedReport,
      columns: [
        { ...column('nswprice'), dependence: { designEffect: 8.2, reach: 'learned' } },
        { ...column('period'), dependence: { designEffect: 30, reach: 'beyond' } },
        {
          ...column('outage_minutes'),
          outcome: { kind: 'insufficient', n: 120, effective: 14.6, required: 30 },
        },
      ],
    });
    const said = words(
      driftSection({
        run: { pipeline: 'p', sha256: 'a', revision: 0 },
        summary: summaryOf,
        drift: alike,
        sort: 'table',
      }),
    );
    assert.match(said, /In 2 columns neighbouring rows are alike, as learned from the reference/);
    assert.match(said, /In 1 column rows are alike over more rows than the reference can tell/);
    assert.match(said, /neighbouring rows are alike: 1,008 and 1,431 are worth 123 and 175/);
    assert.match(said, /120, worth 14, of the 30 needed/);
    const independent = driftSection({
      run: { pipeline: 'p', sha256: 'a', revision: 0 },
      summary: summaryOf,
      drift: stored(driftedReport),
      sort: 'table',
    });
    assert.doesNotMatch(words(independent), /alike/);
  });
});

const summaryOf: DriftSummary = {
  report: { uri: 'drift/p/a.json', sha256: 'a', bytes: 1 },
  score: 2,
  tests: 12,
  testedColumns: 8,
  columns: 11,
  materialCount: 0,
  material: [],
  insufficient: 1,
};
