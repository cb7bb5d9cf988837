import type { Column } from '../core/table.ts';

/*
 * What kind a column of texts is: the one rule for csv, tsv and txt files, for text cells of workbooks, and for the
 * strings of JSON, Parquet and ARFF.
 *
 * White space around a value does not count, and a value that is then one of the missing texts is missing
 * (`missing-texts.ts`). A column whose kind pipeline.yaml declares (`columns`) is of that kind. Of the others:
 *
 * 1. A column is text, although all of its values could be numbers, if one of them says that they are codes, which
 *    would lose digits as numbers or become equal to others:
 *    - a whole number that begins with a zero (0012);
 *    - a whole number from 2^53 on, from which doubles do not tell neighbours apart;
 *    - a plus before seven digits or more (a telephone number);
 *    - short numbers that differ by zeros at their end only (1.1 beside 1.10), few and repeated: versions.
 * 2. It is numeric if its values are numbers, written plainly or as people write them (`number-forms.ts`), with one
 *    meaning of dot and comma. Up to 5 % others, or up to four where that is at most 10 %, are mistakes: they are
 *    missing, and told. A number beyond the largest double (12E500) is such a value.
 * 3. It is time if all of its values are dates or timestamps of ISO 8601 (without offset: UTC) of the years 1500 to
 *    2500, or 0001-01-01 or 9999-12-31, which databases write for an open end. Dates of other years are codes.
 *    Where at most 5 % of the values, and at most 3 different ones, are no dates, the file is refused.
 * 4. All other columns are categorical, as is one without any value. If their values are true and false in any
 *    spelling of upper and lower case, they are `true` and `false`.
 */

/** Values that are mistakes in a column of numbers or dates, at most: a share. */
export const MOST_ODD_SHARE = 0.05;
/** So many are mistakes also where they are a larger share than that, but for this one. */
const FEW_ODD = 4;
const FEW_ODD_SHARE = 0.1;

/** Why numbers are codes. */
export type CodeSign = 'zero' | 'huge' | 'plus' | 'version' | 'year';

/** How many values of a column are there, and how many of each form. */
export interface FormCounts {
  readonly present: number;
  /** that say in a column of numbers that there is none */
  readonly blank: number;
  readonly numbers: number;
  readonly times: number;
  readonly booleans: number;
  /** a sign that the values are codes, if there is one among them */
  readonly codes: CodeSign | null;
}

/** A kind that pipeline.yaml may declare. */
export type DeclaredKind = 'numeric' | 'text' | 'time';

/** What is known of a column before it is read. */
export interface ExpectedKind {
  readonly declared?: DeclaredKind | undefined;
  /** of the champion's feature of this name */
  readonly known?: 'numeric' | 'categorical' | undefined;
}

/** What a column of texts becomes. */
export interface TextVerdict {
  readonly kind: Column['kind'];
  /** why it is text although its values are numbers or dates */
  readonly codes: CodeSign | null;
  /** values that the kind has no place for */
  readonly odd: number;
  readonly isBoolean: boolean;
}

/** The kind of a column of texts, by the rule above. */
export function kindOfTexts(counts: FormCounts, expected: ExpectedKind): TextVerdict {
  const { present, blank, numbers, times, booleans, codes } = counts;
  const verdict = (kind: Column['kind'], odd = 0): TextVerdict => ({
    ...{ kind, odd, codes: null, isBoolean: false },
  });
  const oddNumbers = present - blank - numbers;
  switch (expected.declared) {
    case 'numeric':
      return verdict('numeric', oddNumbers);
    case 'time':
      return verdict('time', present - times);
    case 'text':
      return verdict('categorical');
    default:
  }
  const asText: TextVerdict = {
    ...verdict('categorical'),
    isBoolean: present > 0 && booleans === present,
  };
  if (present === 0 || expected.known === 'categorical') return asText;
  if (numbers > 0 && areFew(oddNumbers, present - blank)) {
    if (codes !== null && codes !== 'year' && expected.known !== 'numeric') {
      return { ...asText, codes };
    }
    return verdict('numeric', oddNumbers);
  }
  if (times > 0 && present - times <= MOST_ODD_SHARE * present) {
    return codes === 'year' ? { ...asText, codes } : verdict('time', present - times);
  }
  return asText;
}

const areFew = (odd: number, of: number): boolean =>
  odd <= MOST_ODD_SHARE * of || (odd <= FEW_ODD && odd <= FEW_ODD_SHARE * of);
