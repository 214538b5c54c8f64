// Figures a person reads after a run, one line a round.

/** Prints rows that have the same columns, with a title, to standard output. */
export function printTable(title: string, rows: readonly Readonly<Record<string, string | number>>[]): void {
  const columns = Object.keys(rows[0] ?? {});
  const widths = columns.map((column) => Math.max(column.length, ...rows.map((row) => String(row[column]).length)));
  const line = (cells: readonly string[]) => `  ${cells.map((cell, at) => cell.padStart(widths[at] ?? 0)).join('  ')}`;
  const lines = [title, line(columns), ...rows.map((row) => line(columns.map((column) => String(row[column]))))];
  process.stdout.write(`${lines.join('\n')}\n`);
}
