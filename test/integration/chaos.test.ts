/** Everything fails at once, for a short time: `npm run chaos` does the same for as long as one likes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runChaos } from '../../bench/support/chaos/run-chaos.ts';
import { STRANGERS, strangeFiles, wholeFile } from '../../bench/support/chaos/stream.ts';
import { createRandom } from '../../core/random.ts';
import { TemporalCliMissingError } from '../../starter/temporal-cli.ts';
import { SHOP, shoppers } from '../support/shoppers.ts';
import { temporalCli } from '../support/temporal-cli.ts';

const cli = await temporalCli();
const skip = cli instanceof TemporalCliMissingError ? cli.message : false;

const KILLS = 6;
const FOREST = { ...SHOP, estimator: { kind: 'forest', trees: 100 } };

test(
  'whatever is killed, full or away meanwhile, every file ends as it would have ended',
  { skip, timeout: 900_000 },
  async (context) => {
    const shop = [1, 2, 3, 4].map((k) =>
      wholeFile('shop', Buffer.from(`${k}.csv`), shoppers(k, { rows: 1_000, moved: k > 2 })),
    );
    const strangers = strangeFiles(createRandom(1)).filter(
      ({ expected }, i) => expected !== 'outcome' || i % 4 === 0,
    );
    const result = await runChaos({
      stream: strangers.flatMap((strange, i) => [strange, ...shop.slice(i, i + 1)]),
      pipelines: { shop: FOREST, [STRANGERS]: { target: 'late', estimator: { kind: 'logistic' } } },
      ...{ minutes: 0.2, kills: KILLS, seed: 1, faultMs: 500, patienceMs: 300_000 },
      tell: (message) => {
        context.diagnostic(message);
      },
    });
    assert.deepEqual(result.violations, []);
    assert.deepEqual(result.differences, []);
    const kills = result.fallen.filter(({ what }) => what !== 'SIGSTOP');
    assert.equal(kills.length, KILLS, 'as many processes were ended as was asked for');
  },
);
