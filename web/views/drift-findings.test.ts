import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { driftedReport, steadyReport } from '../fixtures/drift.ts';
import { html } from '../html.ts';
import { parseDriftReport, type StoredDrift } from '../stored-drift.ts';
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

  it('are left out of reports that do not have them', () => {
    assert.equal(explanationSection(stored(steadyReport)), null);
    assert.equal(togetherSection(stored(steadyReport)), null);
  });
});
