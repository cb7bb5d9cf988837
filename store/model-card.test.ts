import assert from 'node:assert/strict';
import { it } from 'node:test';
import { ArtefactDamagedError } from './artefact-store.ts';
import { parseModelCard } from './model-card.ts';
import type { ModelCard } from './model-card.ts';

const sha256 = 'a'.repeat(64);
const score = { name: 'accuracy', value: 0.9, low: 0.8, high: 0.95 } as const;
const CARD: ModelCard = {
  version: 1,
  id: 'm1',
  pipeline: 'weather',
  estimator: { kind: 'forest', trees: 100 },
  task: 'classification',
  target: 'rain',
  features: [{ name: 'wind', kind: 'numeric' }],
  classes: ['no', 'yes'],
  trainedOn: {
    sha256,
    fileName: 'w.csv',
    dataset: { uri: 'datasets/w.parquet', sha256, bytes: 10 },
    rows: 70,
    holdoutRows: 30,
  },
  parent: null,
  mode: 'full',
  seed: 1,
  codeVersion: '0.1.0',
  createdAt: '2024-01-01T00:00:00.000Z',
  score,
  baseline: {
    rows: 30,
    primary: score,
    metrics: { accuracy: 0.9 },
    loss: { mean: 0.1, variance: 0.09 },
  },
  artefact: { uri: 'models/m1/model.bin', sha256, bytes: 10 },
};
const bytesOf = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));

it('a card is read as it was written', () => {
  assert.deepEqual(parseModelCard(bytesOf(CARD)), CARD);
});

it('a card that says more of its scores is read as it was written', () => {
  const primary = { ...score, name: 'rocAuc' } as const;
  const classification = {
    ...CARD.baseline,
    primary,
    metrics: { accuracy: 0.9, rocAuc: 0.9, ece: 0.02 },
    confusion: {
      classes: ['no', 'yes'],
      counts: [
        [20, 1],
        [2, 6],
      ],
      unknown: [1, 0],
    },
  };
  const regression = {
    ...CARD.baseline,
    metrics: { mse: 4, mape: 0.1 },
    residuals: { p05: -2, p50: 0, p95: 3 },
  };
  for (const baseline of [classification, regression]) {
    const card = { ...CARD, score: primary, baseline };
    assert.deepEqual(parseModelCard(bytesOf(card)), card);
  }
});

it('a card of another version or with a wrong field is refused, naming the field', () => {
  const refused = (value: unknown, pattern: RegExp): void => {
    assert.throws(
      () => parseModelCard(bytesOf(value)),
      (error) => error instanceof ArtefactDamagedError && pattern.test(error.message),
    );
  };
  refused({ ...CARD, version: 2 }, /version/);
  refused({ ...CARD, trainedOn: { ...CARD.trainedOn, rows: -1 } }, /trainedOn\.rows/);
  refused({ ...CARD, surprise: true }, /surprise/);
});
