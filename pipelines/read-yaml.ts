import { isMap, isPair, isScalar, isSeq, LineCounter, parseDocument, type Node } from 'yaml';
import type { Problem } from './problem.ts';

/** A field of a file: the keys and indices that lead to it. */
export type FieldPath = readonly PropertyKey[];

/** Where a field stands in a file. */
export type Position = Pick<Problem, 'line' | 'column'>;

export type YamlFile =
  | {
      readonly kind: 'read';
      readonly value: unknown;
      /** where a field's value stands, or where its nearest ancestor does when it is absent */
      readonly positionOf: (path: FieldPath) => Position;
      /** where a field's name stands */
      readonly positionOfKey: (path: FieldPath) => Position;
    }
  | { readonly kind: 'unreadable'; readonly problems: readonly Problem[] };

/** More aliases than this, once resolved, are taken for an attack on the memory. */
const MAX_ALIASES = 100;

/** Reads YAML 1.2 as plain data: no tags of one's own, no duplicate keys, no keys but text. */
export function readYaml(text: string, file: string): YamlFile {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    schema: 'core',
    stringKeys: true,
    uniqueKeys: true,
  });
  const position = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const wrong = (at: Position, found: string, expected: string): YamlFile => ({
    kind: 'unreadable',
    problems: [{ file, ...at, field: '', found, expected }],
  });

  // A tag that is not known is a warning there; here it would silently change what a value means.
  const faults = [...document.errors, ...document.warnings];
  if (faults.length > 0) {
    const problems = faults.map(({ pos, message }): Problem => ({
      file,
      ...position(pos[0]),
      field: '',
      found: message,
      expected: 'one document of plain YAML 1.2',
    }));
    return { kind: 'unreadable', problems };
  }
  if (document.contents === null) {
    return wrong({ line: 1, column: 1 }, 'an empty file', 'fields such as files and target');
  }
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    return wrong({ line: 1, column: 1 }, error.message, `at most ${MAX_ALIASES} aliases`);
  }
  const root = document.contents;
  return {
    kind: 'read',
    value,
    positionOf: (path) => position(offsetOf(root, path, 'value')),
    positionOfKey: (path) => position(offsetOf(root, path, 'key')),
  };
}

/** Follows a path as far as it exists. */
function offsetOf(root: Node, path: FieldPath, part: 'key' | 'value'): number {
  let node = root;
  let offset = root.range?.[0] ?? 0;
  for (const step of path) {
    const next = childOf(node, step);
    if (next === undefined) return offset;
    offset = (part === 'key' ? next.key : next.value)?.range?.[0] ?? offset;
    if (next.value === null) return offset;
    node = next.value;
  }
  return offset;
}

interface Child {
  readonly key: Node | null;
  readonly value: Node | null;
}

function childOf(node: Node, step: PropertyKey): Child | undefined {
  if (isMap<Node, Node | null>(node)) {
    const pair = node.items.find(
      (item) => isPair(item) && isScalar(item.key) && item.key.value === step,
    );
    return pair === undefined ? undefined : { key: pair.key, value: pair.value };
  }
  if (isSeq<Node>(node)) {
    const item = node.items[Number(step)];
    return item === undefined ? undefined : { key: item, value: item };
  }
  return undefined;
}
