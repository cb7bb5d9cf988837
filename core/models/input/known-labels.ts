import { columnOf } from '../../table.ts';
import type { Column, Table } from '../../table.ts';
import { classesOf, labelledRows } from '../metrics/outcomes.ts';

/** A target whose labels are spelled as a model knows its classes. */
export interface KnownLabels {
  readonly column: Column;
  /** what was done, for people */
  readonly note: string;
}

/**
 * The labels of a file in the spelling of the classes that a model knows, where none of them is one of these and each is
 * one in another form: Yes for yes, true or 1.0 for 1. Labels of which the model knows one are left as they are.
 * @param classes that the model knows
 * @returns null where nothing is to be changed
 * @throws RangeError if the model knows none of the labels, in any form; it names both sets
 */
export function knownLabels(
  table: Table,
  target: string,
  classes: readonly string[],
): KnownLabels | null {
  const column = columnOf(table, target);
  if (column.kind === 'time' || classes.length === 0) return null;
  const labels = classesOf(table, target, labelledRows(table, target));
  const known = new Set(classes);
  if (labels.length === 0 || labels.some((label) => known.has(label))) return null;
  const classOf = classByForm(labels, classes);
  if (classOf === null) {
    throw new RangeError(
      `the champion knows none of the labels in '${target}': it predicts ${listed(classes)}, and the file has ${listed(labels)}; spell them as the champion does, or train anew on labels like these`,
    );
  }
  const pairs = [...classOf].map(([label, name]) => `'${label}' as '${name}'`);
  const note = `the labels in '${target}' are those of the champion in another form, and were read so: ${pairs.join(', ')}`;
  return { column: relabelled(column, classOf, classes), note };
}

/** The class of each label by its form; null if one has none, or two have the same. */
function classByForm(
  labels: readonly string[],
  classes: readonly string[],
): ReadonlyMap<string, string> | null {
  for (const form of [spelling, truth]) {
    const nameOf = new Map(classes.map((name) => [form(name), name]));
    const found = labels.map((label): [string, string | undefined] => [
      label,
      nameOf.get(form(label)),
    ]);
    const names = new Set(found.map(([, name]) => name));
    const isOneToOne = nameOf.size === classes.length && names.size === labels.length;
    if (isOneToOne && !names.has(undefined)) return new Map(found as [string, string][]);
  }
  return null;
}

const spelling = (text: string): string => text.normalize('NFC').trim().toLowerCase();

const TRUTHS: Readonly<Record<string, string>> = {
  ...{ true: '1', '1': '1', '1.0': '1', false: '0', '0': '0', '0.0': '0' },
};

/** Programs write the two truth values as words and as numbers. */
function truth(text: string): string {
  const spelled = spelling(text);
  return TRUTHS[spelled] ?? spelled;
}

function relabelled(
  column: Exclude<Column, { kind: 'time' }>,
  classOf: ReadonlyMap<string, string>,
  classes: readonly string[],
): Column {
  const { name } = column;
  const nameOf = (label: string): string => classOf.get(label) ?? label;
  const length = column.kind === 'categorical' ? column.codes.length : column.values.length;
  const labelOf = (row: number): string | null => {
    if (column.kind === 'categorical') return column.dictionary[column.codes[row]] ?? null;
    return Number.isNaN(column.values[row]) ? null : String(column.values[row]);
  };
  const labels = Array.from({ length }, (_, row) => {
    const label = labelOf(row);
    return label === null ? null : nameOf(label);
  });
  // As a file whose labels are the classes would be read.
  if (classes.every((each) => String(Number(each)) === each)) {
    const values = Float64Array.from(labels, (label) => (label === null ? NaN : Number(label)));
    return { kind: 'numeric', name, values };
  }
  const dictionary = [...new Set(labels)].filter((label) => label !== null).sort();
  const codeOf = new Map(dictionary.map((label, code) => [label, code]));
  const codes = Int32Array.from(labels, (label) =>
    label === null ? -1 : (codeOf.get(label) ?? -1),
  );
  return { kind: 'categorical', name, codes, dictionary };
}

/** Labels that a message names. */
const NAMED = 5;

function listed(names: readonly string[]): string {
  const shown = names.slice(0, NAMED).map((name) => `'${name.slice(0, 40)}'`);
  const more = names.length - shown.length;
  return more === 0 ? shown.join(', ') : `${shown.join(', ')} and ${more} more`;
}
