import { shareFalseAlarms } from '../../core/drift/false-alarms.ts';
import {
  largerLossPValue,
  lossOf,
  poolLosses,
  type MeasuredLoss,
} from '../../core/models/metrics/loss.ts';
import { createRandom, type Random } from '../../core/random.ts';
import { normalQuantile } from '../../core/stats/normal-quantile.ts';
import { pipelineSchema } from '../../pipelines/schema.ts';
import { quick } from './report.ts';

const LIVES = quick ? 40 : 1000;
const { detection } = pipelineSchema.parse({ name: 'x', files: { folder: 'x' }, target: 'y' });
const LEVEL = shareFalseAlarms(detection.falseAlarmRate).performance;
const ERROR = 0.25;
const HELD_OUT = 0.3;
/** files that joined the baseline */
const JOINED = [0, 3];

/** How often a champion whose errors resemble those of the rows before is called worse. */
export interface DependentHarm {
  /** of the errors' normal scores from row to row */
  readonly autocorrelation: number;
  readonly task: 'classification' | 'regression';
  readonly rows: number;
  readonly joined: number;
  readonly lives: number;
  /** without change, and with an accuracy lower by 5 points, or an RMSE larger by a tenth */
  readonly learned: Shares;
  readonly independent: Shares;
}

interface Shares {
  readonly falseAlarms: number;
  readonly found: number;
}

export function dependentHarm(): readonly DependentHarm[] {
  const settings = (['classification', 'regression'] as const).flatMap((task) =>
    [0, 0.3, 0.5, 0.8].flatMap((autocorrelation) =>
      [200, 1000, 5000].flatMap((rows) =>
        JOINED.map((joined) => ({ task, autocorrelation, rows, joined })),
      ),
    ),
  );
  return settings.map((setting) => ({ ...setting, lives: LIVES, ...sharesOf(setting) }));
}

type Setting = Pick<DependentHarm, 'task' | 'autocorrelation' | 'rows' | 'joined'>;

function sharesOf(setting: Setting): Pick<DependentHarm, 'learned' | 'independent'> {
  const alarms = { learned: [0, 0], independent: [0, 0] };
  for (let seed = 1; seed <= LIVES; seed++) {
    const random = createRandom(seed);
    const file = (change: number, keep?: number): MeasuredLoss =>
      draw(setting, random, change, keep);
    const heldOut = file(0, HELD_OUT);
    const joined = Array.from({ length: setting.joined }, () => file(0));
    const parts = [heldOut, ...joined];
    const rows = parts.reduce((sum, part) => sum + part.rows, 0);
    const baseline = { ...heldOut, rows, loss: poolLosses(parts) };
    [0, 1].forEach((change) => {
      const current = file(change);
      for (const taken of ['learned', 'independent'] as const) {
        if (largerLossPValue(current, baseline, taken) <= LEVEL)
          alarms[taken][change] = (alarms[taken][change] ?? 0) + 1;
      }
    });
  }
  const shares = ([falseAlarms = 0, found = 0]: readonly number[]): Shares => ({
    falseAlarms: falseAlarms / LIVES,
    found: found / LIVES,
  });
  return { learned: shares(alarms.learned), independent: shares(alarms.independent) };
}

/** @param keep share of the rows that is looked at, at random; all when absent */
function draw(
  { task, autocorrelation, rows }: Setting,
  random: Random,
  change: number,
  keep = 1,
): MeasuredLoss {
  const rest = Math.sqrt(1 - autocorrelation ** 2);
  const errors: number[] = [];
  let score = normal(random);
  for (let i = 0; i < rows; i++) {
    score = autocorrelation * score + rest * normal(random);
    if (keep === 1 || random() < keep) errors.push(score);
  }
  const bound = normalQuantile(1 - ERROR - 0.05 * change);
  const losses = Float64Array.from(errors, (error) =>
    task === 'regression' ? (error * (1 + 0.1 * change)) ** 2 : Number(error > bound),
  );
  return { task, rows: losses.length, loss: lossOf(losses, 'learned') };
}

function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
