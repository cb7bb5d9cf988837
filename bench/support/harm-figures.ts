import { shareFalseAlarms } from '../../core/drift/false-alarms.ts';
import { pipelineSchema } from '../../pipelines/schema.ts';
import { alarmsOf, JOINING_RULES, type JoiningRule, type Life } from './champion-lives.ts';
import { quick } from './report.ts';

const LIVES = quick ? 60 : 1000;
const FILES = 50;
const ERROR = 0.25;
/** a fall counts as found if one of the first so many files from it on raises an alarm */
const WITHIN = 5;
const FALL_AT = [1, 6, 21];
const { detection } = pipelineSchema.parse({ name: 'x', files: { folder: 'x' }, target: 'y' });
const LEVEL = shareFalseAlarms(detection.falseAlarmRate).performance;

/** Files of 80 rows, and of 1,000; falls that are as many standard errors of either. */
const SIZES = [
  { heldOut: 24, rowsPerFile: 80, fall: 0.1, decay: 0.005 },
  { heldOut: 300, rowsPerFile: 1000, fall: 0.03, decay: 0.0015 },
] as const;

/** How often a champion is called worse, file by file of its life, under one rule of what it is compared with. */
export interface HarmFigures {
  readonly rule: string;
  readonly rowsPerFile: number;
  readonly lives: number;
  /** share of the files of a life that raise an alarm though nothing changed, over lives */
  readonly falseAlarms: {
    readonly mean: number;
    readonly p90: number;
    readonly p99: number;
    readonly most: number;
  };
  /** accuracy lost at once */
  readonly fall: number;
  /** share of lives in which the fall is found within five files, by the file in which it happens */
  readonly found: readonly { readonly at: number; readonly share: number }[];
  /** accuracy lost with each file */
  readonly decay: number;
  /** median file of the first alarm under that decay; 50 where half of the lives saw none before */
  readonly decayFoundAt: number;
}

export function harmFigures(): readonly HarmFigures[] {
  return SIZES.flatMap((size) => JOINING_RULES.map((rule) => figuresOf(size, rule)));
}

function figuresOf(size: (typeof SIZES)[number], rule: JoiningRule): HarmFigures {
  const { heldOut, rowsPerFile, fall, decay } = size;
  const lives = (errorAt: Life['errorAt'], files: number): readonly (readonly boolean[])[] =>
    Array.from({ length: LIVES }, (_, seed) =>
      alarmsOf({ heldOut, rowsPerFile, errorAt, files }, rule, LEVEL, seed + 1),
    );
  const calm = sorted(
    lives(() => ERROR, FILES).map((alarms) => alarms.filter(Boolean).length / FILES),
  );
  const falling =
    (at: number): Life['errorAt'] =>
    (file) =>
      file < at ? ERROR : ERROR + fall;
  const decaying = lives((file) => ERROR + decay * file, FILES).map((alarms) =>
    alarms.indexOf(true),
  );
  return {
    rule: rule.name,
    rowsPerFile,
    lives: LIVES,
    falseAlarms: {
      mean: calm.reduce((sum, share) => sum + share, 0) / LIVES,
      p90: quantile(calm, 0.9),
      p99: quantile(calm, 0.99),
      most: calm.at(-1) ?? NaN,
    },
    fall,
    found: FALL_AT.map((at) => {
      const found = lives(falling(at), at + WITHIN - 1);
      return {
        at,
        share: found.filter((alarms) => alarms.slice(at - 1).includes(true)).length / LIVES,
      };
    }),
    decay,
    decayFoundAt: quantile(sorted(decaying.map((first) => (first < 0 ? FILES : first + 1))), 0.5),
  };
}

const sorted = (values: readonly number[]): readonly number[] => [...values].sort((a, b) => a - b);

/** The smallest value that so large a share is at or below. */
const quantile = (ascending: readonly number[], share: number): number =>
  ascending[Math.ceil(share * ascending.length) - 1] ?? NaN;
