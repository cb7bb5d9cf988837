import type { DecimalSign } from './number-forms.ts';
import type { SignCounts } from './text-profile.ts';

/** What pipeline.yaml says of signs between digits: `files.csv.decimal` and `files.csv.thousands`. */
export interface NumberSigns {
  readonly decimal?: DecimalSign | undefined;
  readonly thousands?: '.' | ',' | ' ' | "'" | undefined;
}

/** The signs of a column that may be numeric. */
export interface SignsOfColumn {
  readonly signs: SignCounts;
  /** some of its values are numbers by the form of the file, which writes them with a dot */
  readonly hasNumbers: boolean;
}

/**
 * The sign before the decimals of each column's numbers. What pipeline.yaml says holds. Else a column's own numbers
 * tell, where one of them makes sense with one sign only, and where none does, those of the other columns.
 * @param dotElsewhere numbers in other columns that only a dot before the decimals makes sense of
 * @returns null where 2.390 may as well be 2390
 */
export function decimalSigns(
  columns: readonly SignsOfColumn[],
  { decimal, thousands }: NumberSigns,
  dotElsewhere: number,
): readonly (DecimalSign | null)[] {
  const given = decimal ?? (thousands === '.' ? ',' : thousands === undefined ? undefined : '.');
  const ofFile = unanimous(
    columns.reduce((sum, { signs }) => sum + signs.dot, dotElsewhere),
    columns.reduce((sum, { signs }) => sum + signs.comma, 0),
  );
  return columns.map(({ signs, hasNumbers }) => {
    if (hasNumbers) return '.';
    if (given !== undefined) return given;
    const { dot, comma, dotThree, commaThree, ungrouped } = signs;
    if (dot !== comma) return dot > comma ? '.' : ',';
    if (dotThree + commaThree === 0) return '.';
    // Who groups digits would have grouped those too.
    if (ungrouped > 0 && commaThree === 0) return '.';
    return ofFile;
  });
}

function unanimous(dot: number, comma: number): DecimalSign | null {
  if (dot > 0 && comma > 0) return null;
  return dot > 0 ? '.' : comma > 0 ? ',' : null;
}
