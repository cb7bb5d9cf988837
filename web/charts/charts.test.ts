import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { estimate } from '../fixtures/models.ts';
import { electricity, tell } from '../fixtures/runs.ts';
import { describeHistogram, histogramChart } from './histogram.ts';
import { intervalChart } from './intervals.ts';
import { renderFile, renderInline } from './render.ts';
import { timelineChart } from './timeline.ts';

const runs = tell(electricity);
const hostile = `</title><script>alert("1")</script>`;
const histogram = {
  kind: 'categorical' as const,
  labels: [hostile, 'b', 'c'],
  reference: [0.9, 0.05, 0.05],
  current: [0.2, 0.4, 0.4],
};

describe('charts', () => {
  it('need nothing that the content security policy refuses', async () => {
    const markup = [
      await renderInline(timelineChart('electricity', runs, 860), 'timeline'),
      await renderInline(
        intervalChart(
          {
            title: 'accuracy',
            rows: [
              { label: 'champion', estimate: estimate('accuracy', 0.8, 0.02), emphasised: true },
            ],
            against: 0,
          },
          340,
        ),
        'gain',
      ),
    ].join('');
    assert.doesNotMatch(markup, / style=| on[a-z]+=|<style|<script|NaN|undefined/);
  });

  it('link each run, and say where a link leads without being in the way of the keyboard', async () => {
    const markup = (
      await renderInline(timelineChart('electricity', runs, 860), 'timeline')
    ).toString();
    const links = [
      ...markup.matchAll(
        /<a href="\/pipelines\/electricity\/runs\/[0-9a-f]{64}" tabindex="-1"><title>([^<]+)<\/title>/g,
      ),
    ];
    assert.ok(links.length >= runs.length);
    assert.ok(
      links.some(([, title]) =>
        title?.startsWith('nsw-2000-07.csv: challenger promoted, drift 2.9'),
      ),
    );
  });

  it('say in words what can be seen in them', () => {
    const { description } = timelineChart('electricity', runs, 860);
    assert.match(
      description,
      /^72 files, \d+ with material drift, 3 changes of champion\. The newest, nsw-2002-01\.csv: champion kept/,
    );
    assert.equal(
      timelineChart('electricity', [], 860).description,
      'No file has been processed yet.',
    );
    assert.match(
      describeHistogram(histogram),
      /90\.0 % of the reference, 20\.0 % of the current file\.$/,
    );
  });

  it('escape names that look like markup', async () => {
    const file = await renderFile(histogramChart(hostile, histogram));
    assert.doesNotMatch(file, /<script/);
    const named = runs.map((run) => ({ ...run, fileName: hostile }));
    const inline = await renderInline(timelineChart('electricity', named, 860), 'timeline');
    assert.doesNotMatch(inline.toString(), /<script/);
  });

  it('draw bins of unequal width by their density, and leave out empty ones', async () => {
    const numeric = {
      kind: 'numeric' as const,
      edges: [0, 1, 1, 4],
      reference: [0.5, 0, 0.5],
      current: [0, 0, 1],
    };
    assert.doesNotMatch(await renderFile(histogramChart('x', numeric)), /NaN|Infinity/);
  });

  it('are drawn for a pipeline of which nothing is known yet', async () => {
    const first = runs.slice(0, 1);
    assert.match(
      (await renderInline(timelineChart('electricity', first, 340), 't')).toString(),
      /No file with labels/,
    );
  });
});
