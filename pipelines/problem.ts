/** Something in the files of a pipeline that a person must change. */
export interface Problem {
  readonly file: string;
  /** from 1 */
  readonly line: number;
  /** from 1 */
  readonly column: number;
  /** where in the file's meaning, such as `retrain.mode`; empty for the file as a whole */
  readonly field: string;
  /** what is there */
  readonly found: string;
  /** what would be right */
  readonly expected: string;
}

/** More problems than these are counted, not listed: the first ones mended, the others often are too. */
const MAX_LISTED = 20;

/** Characters of one part of a problem; enough for every list of choices that there is. */
const MAX_PART = 1_000;

/**
 * The problems as people read them, one a line, the first 20 of them:
 * `pipelines/sales/pipeline.yaml:7:9 retrain.on: found 'harms', expected one of harm, drift, …`
 */
export function formatProblems(problems: readonly Problem[]): string {
  const lines = problems.slice(0, MAX_LISTED).map(formatProblem);
  const more = problems.length - lines.length;
  if (more > 0) lines.push(`and ${more} more problem${more === 1 ? '' : 's'}`);
  return lines.join('\n');
}

function formatProblem({ file, line, column, field, found, expected }: Problem): string {
  const where = `${file}:${line}:${column}${field === '' ? '' : ` ${cut(field)}`}`;
  return `${where}: found ${cut(found)}, expected ${cut(expected)}`;
}

function cut(text: string): string {
  return text.length <= MAX_PART
    ? text
    : `${text.slice(0, MAX_PART)} … (${text.length} characters)`;
}

/** A problem of a file as a whole. */
export function atStart(file: string, found: string, expected: string): Problem {
  return { file, line: 1, column: 1, field: '', found, expected };
}

/**
 * The problem that a file or folder cannot be read, with what a person can do about it.
 * @param kind what it should be: "a file", "a folder"
 */
export function unreadable(path: string, error: unknown, kind: string): Problem {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  const user = process.getuid === undefined ? 'the user of CalmOps' : `user ${process.getuid()}`;
  const remedy = 'change its permissions, or move it out of the folder of pipelines';
  return atStart(
    path,
    `that it cannot be read (${code})`,
    `${kind} that ${user} may read: ${remedy}`,
  );
}
