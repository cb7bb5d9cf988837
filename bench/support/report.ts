/** Prints a table for people: one row a line, columns aligned. */
export function printTable(rows: readonly (readonly (string | number)[])[]): void {
  const cells = rows.map((row) => row.map(String));
  const widths = cells.reduce<number[]>(
    (widest, row) => row.map((cell, j) => Math.max(widest[j] ?? 0, cell.length)),
    [],
  );
  for (const row of cells) {
    const line = row.map((cell, j) => cell.padEnd(widths[j] ?? 0)).join('  ');
    process.stdout.write(`${line.trimEnd()}\n`);
  }
}

/** A table for a page of evidence: the first row is its header. */
export function markdownTable([header = [], ...body]: readonly (readonly (
  string | number
)[])[]): readonly string[] {
  return [header, header.map(() => '---'), ...body].map((row) => `| ${row.join(' | ')} |`);
}

/** The last line of every benchmark: the same figures for programs. */
export function printFigures(figures: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify(figures)}\n`);
}

/** Whether the small version, of under a minute, is asked for. */
export const quick: boolean = process.argv.includes('--quick');
