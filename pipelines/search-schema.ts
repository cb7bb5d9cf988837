import { z } from 'zod';
import { gridSize } from '../core/models/search/candidates.ts';
import { estimatorSchema } from './estimator-schema.ts';
import { duration } from './scalar-schemas.ts';

/** Most values of one parameter, and most combinations that method `grid` tries. */
const MAX_VALUES = 100;
const MAX_COMBINATIONS = 1000;

/** A search for parameters of the estimator. */
export const searchSchema = z
  .strictObject({
    method: z
      .enum(['grid', 'random', 'halving'])
      .default('random')
      .describe(
        'grid: every combination; random: so many of them; halving: so many, the better third of which gets three times the rows, again and again',
      ),
    grid: z
      .record(
        z.string(),
        z
          .array(z.union([z.number(), z.string(), z.boolean()]))
          .min(1)
          .max(MAX_VALUES),
      )
      .describe('fields of the estimator with the values to try of each'),
    cv: z.int().min(2).max(20).default(3).describe('folds of the cross-validation'),
    trials: z
      .int()
      .min(1)
      .max(MAX_COMBINATIONS)
      .default(20)
      .describe('random, halving: most combinations that are tried'),
    budget: duration
      .default('30m')
      .describe('after so long no further fit begins, and the best so far is taken'),
  })
  .describe(
    'a search for parameters by cross-validation before each training, beside those of the estimator, which are always tried',
  );

type Contradiction = readonly [path: readonly string[], message: string];

/** What of a search does not fit the estimator: each value must be one that its field can have. */
export function searchContradictions({
  estimator,
  search,
}: {
  readonly estimator: z.output<typeof estimatorSchema>;
  readonly search?: z.output<typeof searchSchema> | undefined;
}): readonly Contradiction[] {
  if (search === undefined) return [];
  if (estimator.kind === 'hooks') {
    return [[['search'], 'an estimator other than hooks: only its own fields can be searched']];
  }
  const { grid, method } = search;
  const names = Object.keys(grid);
  if (names.length === 0) return [[['search', 'grid'], 'at least one field of the estimator']];
  const found = Object.entries(grid).flatMap(([name, values]): readonly Contradiction[] => {
    if (name === 'kind') {
      return [[['search', 'grid', name], 'a field of one estimator, not the choice of another']];
    }
    return values.flatMap((value, index): readonly Contradiction[] => {
      // Fields of an estimator do not depend on each other, so that each may be tried by itself.
      const parsed = estimatorSchema.safeParse({ ...estimator, [name]: value });
      if (parsed.success) return [];
      const [issue] = parsed.error.issues;
      const path = ['search', 'grid', name, String(index)];
      return [[path, `a value of estimator.${name}: ${issue?.message ?? 'another one'}`]];
    });
  });
  const combinations = gridSize(grid);
  if (method === 'grid' && combinations > MAX_COMBINATIONS) {
    const message = `at most ${MAX_COMBINATIONS} combinations, these are ${combinations}; use method random`;
    return [...found, [['search', 'grid'], message]];
  }
  return found;
}
