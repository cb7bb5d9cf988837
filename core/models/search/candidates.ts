import { createRandom } from '../../random.ts';

/** A value of a parameter, as pipeline.yaml says it. */
export type ParamValue = number | string | boolean;

/** Values to try of each parameter. */
export type ParamGrid = Readonly<Record<string, readonly ParamValue[]>>;

/** Parameters by name: what a candidate changes of the pipeline's own. */
export type ParamChoice = Readonly<Record<string, ParamValue>>;

/** How many combinations a grid has. */
export function gridSize(grid: ParamGrid): number {
  return Object.values(grid).reduce((size, values) => size * values.length, 1);
}

/** All combinations, the last parameter's values changing fastest. */
export function gridChoices(grid: ParamGrid): readonly ParamChoice[] {
  return Array.from({ length: gridSize(grid) }, (_, index) => choiceAt(grid, index));
}

/** So many combinations at random, no one twice, in the order of the grid; all of them if there are no more. */
export function randomChoices(
  grid: ParamGrid,
  count: number,
  seed: number,
): readonly ParamChoice[] {
  const size = gridSize(grid);
  if (size <= count) return gridChoices(grid);
  const random = createRandom(seed);
  const drawn = new Set<number>();
  // Floyd's algorithm: each subset of the wanted size is as likely as any other.
  for (let last = size - count; last < size; last++) {
    const index = Math.floor(random() * (last + 1));
    drawn.add(drawn.has(index) ? last : index);
  }
  return [...drawn].sort((a, b) => a - b).map((index) => choiceAt(grid, index));
}

function choiceAt(grid: ParamGrid, index: number): ParamChoice {
  let rest = index;
  const choice: [string, ParamValue][] = [];
  for (const [name, values] of Object.entries(grid).reverse()) {
    choice.unshift([name, values[rest % values.length]]);
    rest = Math.floor(rest / values.length);
  }
  return Object.fromEntries(choice);
}
