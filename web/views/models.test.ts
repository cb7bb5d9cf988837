import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cardOf, estimate, modelTrainedOn } from '../fixtures/models.ts';
import { modelsPart } from './models.ts';

describe('the page of models', () => {
  const model = modelTrainedOn('nsw-1999-11.csv', estimate('accuracy', 0.842, 0.02));
  const refusedBecause = 'The challenger is not better.';
  const page = String(
    modelsPart({
      pipeline: 'p',
      models: {
        value: {
          champion: null,
          previous: null,
          candidates: [{ ...model, refusedBecause }],
          shadow: null,
          audit: [],
          cards: new Map([[model.id, cardOf('p', model, null)]]),
          comparisons: new Map(),
        },
        stale: null,
      },
      failed: null,
    }),
  )
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ');

  it('says why a candidate was refused', () => {
    assert.match(page, /Not in force because The challenger is not better\./);
  });

  it('says how a model was made, and which modes were tried', () => {
    assert.match(page, /auto chose window/);
    assert.match(page, /recalibration 0\.802 , behind the best by 0\.040 ± 0\.010/);
    assert.match(page, /incremental: the file has a class that the champion does not know/);
  });

  it('says what matters to a model', () => {
    assert.match(page, /nswprice 0\.61 0\.090/);
  });
});
