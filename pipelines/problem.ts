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

/**
 * The problems as people read them, one a line:
 * `pipelines/sales/pipeline.yaml:7:9 retrain.on: found 'harms', expected one of harm, drift, …`
 */
export function formatProblems(problems: readonly Problem[]): string {
  return problems
    .map(({ file, line, column, field, found, expected }) => {
      const where = `${file}:${line}:${column}${field === '' ? '' : ` ${field}`}`;
      return `${where}: found ${found}, expected ${expected}`;
    })
    .join('\n');
}
