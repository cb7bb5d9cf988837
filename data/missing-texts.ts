/** The texts that stand for a missing value. */
export interface MissingTexts {
  /** in every column */
  readonly everywhere: readonly string[];
  /** in a column whose other values are numbers */
  readonly amongNumbers: readonly string[];
}

/**
 * Spellings that programs write where a value is absent. They are missing in every column: people hardly write them,
 * but for `NA`, which is also a code (of Namibia). How often each of them was found is told with the file.
 */
const EVERYWHERE = [
  '',
  // SQL databases, their exports, and JSON.
  ...['NULL', 'Null', 'null', '(null)', '<null>', '\\N'],
  // R, and what pandas takes for missing.
  ...['NA', '<NA>', '#NA', 'N/A', 'n/a', 'NaN', 'nan', '-NaN', '-nan', 'NaT', 'None'],
  // The C library of Windows.
  ...['1.#IND', '-1.#IND', '1.#QNAN', '-1.#QNAN'],
  // Weka.
  '?',
  // Errors of spreadsheets.
  ...['#N/A', '#N/A N/A', '#DIV/0!', '#NAME?', '#NULL!', '#NUM!', '#REF!', '#VALUE!'],
  ...['#CALC!', '#SPILL!', '#GETTING_DATA', '#BLOCKED!', '#UNKNOWN!', '#FIELD!', '#CONNECT!'],
];

/**
 * Spellings of people, and of SAS. Among texts each may be a category of its own: `none` is an answer, `-` a blood
 * group's sign. Among numbers they can only say that there is none.
 */
const AMONG_NUMBERS = [
  ...['-', '--', '---', '\u2013', '\u2014', '.', '..', '...'],
  ...['na', 'Na', 'n.a.', 'N.A.', 'N.A', 'n.a', 'NAN', 'none', 'NONE', 'nil', 'Nil', 'NIL', 'n.d.'],
];

/**
 * What stands for a missing value in a pipeline's files.
 * @param configured `files.csv.missing`: these texts and no others; absent: the usual spellings
 */
export function missingTexts(configured: readonly string[] | undefined): MissingTexts {
  return configured === undefined
    ? { everywhere: EVERYWHERE, amongNumbers: AMONG_NUMBERS }
    : { everywhere: configured, amongNumbers: [] };
}
