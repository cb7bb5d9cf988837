import type { z } from 'zod';
import { closest } from './closest.ts';
import { fieldsAt } from './json-schema.ts';
import type { Problem } from './problem.ts';
import type { FieldPath, YamlFile } from './read-yaml.ts';

type Issue = z.core.$ZodIssue;

/** What the schema finds wrong, in the words of the person who wrote the file. */
export function explainIssues(
  issues: readonly Issue[],
  file: string,
  yaml: Extract<YamlFile, { kind: 'read' }>,
): readonly Problem[] {
  const problems = issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => unknownField([...issue.path, key], file, yaml))
      : [
          {
            file,
            ...yaml.positionOf(issue.path),
            field: fieldName(issue.path),
            found: described(valueAt(yaml.value, issue.path)),
            expected: expectation(issue, valueAt(yaml.value, issue.path)),
          },
        ],
  );
  return problems.sort((a, b) => a.line - b.line || a.column - b.column);
}

/** A path as people write it: `estimator.trees`, `ignore[2]`. */
function fieldName(path: FieldPath): string {
  return path
    .map((step) => (/^\d+$/.test(String(step)) ? `[${String(step)}]` : `.${String(step)}`))
    .join('')
    .replace(/^\./, '');
}

function unknownField(
  path: FieldPath,
  file: string,
  yaml: Extract<YamlFile, { kind: 'read' }>,
): Problem {
  const key = String(path.at(-1));
  return {
    file,
    ...yaml.positionOfKey(path),
    field: fieldName(path),
    found: `the unknown field '${key}'`,
    expected: oneOf(fieldsAt(path.slice(0, -1), valueAt(yaml.value, path.slice(0, -1))), key),
  };
}

/** What would be right. */
function expectation(issue: Issue, value: unknown): string {
  switch (issue.code) {
    case 'invalid_type':
      return `${typeName(issue.expected)}${typeof value === 'number' && issue.expected === 'string' ? ' (text that looks like a number goes in quotes)' : ''}`;
    case 'invalid_value':
      return oneOf(issue.values.map(String), value);
    case 'too_small':
      return bound(issue.inclusive === false ? 'more than' : 'at least', issue.minimum, issue);
    case 'too_big':
      return bound(issue.inclusive === false ? 'less than' : 'at most', issue.maximum, issue);
    case 'invalid_union':
      return issue.discriminator !== undefined && 'options' in issue
        ? oneOf((issue.options ?? []).map(String), value)
        : issue.message;
    default:
      return issue.message;
  }
}

function oneOf(choices: readonly string[], value: unknown): string {
  const meant = typeof value === 'string' ? closest(value, choices) : undefined;
  const list = choices.length === 1 ? choices.join() : `one of ${choices.join(', ')}`;
  return meant === undefined ? list : `${list} (did you mean '${meant}'?)`;
}

function bound(
  comparison: string,
  limit: number | bigint,
  { origin, exact }: { readonly origin: string; readonly exact?: boolean | undefined },
): string {
  if (origin !== 'string') return `a number of ${comparison} ${String(limit)}`;
  return exact === true
    ? `text of exactly ${String(limit)} character${limit === 1 ? '' : 's'}`
    : `text of ${comparison} ${String(limit)} characters`;
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'fields below it',
  record: 'fields below it',
};

function typeName(expected: string): string {
  return TYPE_NAMES[expected] ?? expected;
}

function described(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'no value';
  if (typeof value === 'string') return `'${value}'`;
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return 'fields below it';
}

function valueAt(value: unknown, path: FieldPath): unknown {
  return path.reduce<unknown>(
    (inner, step) =>
      typeof inner === 'object' && inner !== null && Object.hasOwn(inner, step)
        ? (inner as Readonly<Record<PropertyKey, unknown>>)[step]
        : undefined,
    value,
  );
}
