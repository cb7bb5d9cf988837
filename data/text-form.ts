import type { ColumnQuery } from './fetch-table.ts';
import type { ExpectedKind, TextVerdict } from './kind-of-texts.ts';
import { isPercentage, plainNumber, writtenNumber, type DecimalSign } from './number-forms.ts';
import { timeOfText, type TextProfile } from './text-profile.ts';

/** A column of texts: trimmed, NULL where one of the texts that are missing everywhere stands. */
export interface TextColumn {
  readonly name: string;
  readonly sql: string;
  /** the same texts, where they are in memory */
  readonly values?: readonly (string | null)[] | undefined;
  /** some of its values are numbers by the form of the file, as those of JSON without quotes are */
  readonly hasNumbers?: boolean | undefined;
}

/** A column of texts and how its values are written. */
export interface FormOfColumn extends TextColumn {
  /** null: it is text, whatever its values are */
  readonly profile: TextProfile | null;
  readonly verdict: TextVerdict;
  readonly decimal: DecimalSign;
  /** whether DuckDB reads each of its numbers as it is meant */
  readonly isPlain: boolean;
  /** what is missing among numbers */
  readonly blanks: readonly string[];
  readonly expected: ExpectedKind;
}

/** SQL of a text as a number, NULL where it is none. */
export function numberOf({
  sql,
  profile,
  decimal,
  isPlain,
}: Pick<FormOfColumn, 'sql' | 'profile' | 'decimal' | 'isPlain'>): string {
  const plain = plainNumber(sql);
  if (isPlain || profile === null) return plain;
  const written = writtenNumber(sql, decimal);
  const own = decimal === '.' ? plain : `CASE WHEN NOT contains(${sql}, '.') THEN ${plain} END`;
  const number = `coalesce(${own}, ${written})`;
  const { percentages } = profile.signs;
  if (percentages === 0) return number;
  // Percentages and other numbers are not of one scale: those that are fewer are mistakes.
  const isOne = 2 * percentages > profile.numberLike ? '' : 'NOT ';
  return `CASE WHEN ${isOne}${isPercentage(sql)} THEN ${number} END`;
}

/** SQL of a text as a value of a kind, NULL where it has none. */
export function valueOf(column: FormOfColumn, kind: ColumnQuery['kind']): string {
  if (kind === 'numeric') return numberOf(column);
  if (kind === 'time') return timeOfText(column.sql);
  return column.verdict.isBoolean ? `lower(${column.sql})` : column.sql;
}
