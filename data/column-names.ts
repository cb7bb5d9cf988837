import { InvalidDatasetError, shown } from './invalid-dataset.ts';

/** Names travel in messages and reports, which have to stay small. */
const MAX_NAME_LENGTH = 300;

/** What pandas and R leave unnamed: the row labels that they put before the first column. */
const INDEX_NAME = 'index';

/**
 * Checks that names can name columns: each is there, unique and of bearable length. Any character will do.
 * An unnamed first column is called `index`.
 * @param names in order; spaces around them do not count
 * @returns the names without the spaces around them
 * @throws InvalidDatasetError naming the position
 */
export function checkedColumnNames(names: readonly string[]): readonly string[] {
  const positionOf = new Map<string, number>();
  return names.map((given, j) => {
    const name = given.trim();
    const position = j + 1;
    if (name === '' && j === 0 && names.length > 1 && !names.includes(INDEX_NAME)) {
      positionOf.set(INDEX_NAME, position);
      return INDEX_NAME;
    }
    if (name === '') {
      throw new InvalidDatasetError(
        `column ${position} has no name; every column but the first needs a name`,
      );
    }
    if (name.length > MAX_NAME_LENGTH) {
      throw new InvalidDatasetError(
        `column ${position} has a name of ${name.length} characters ('${shown(name)}'); at most ${MAX_NAME_LENGTH} are allowed`,
      );
    }
    const earlier = positionOf.get(name);
    if (earlier !== undefined) {
      throw new InvalidDatasetError(
        `columns ${earlier} and ${position} are both called '${shown(name)}'; column names must differ`,
      );
    }
    positionOf.set(name, position);
    return name;
  });
}
