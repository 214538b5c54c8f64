// The table: one line a figure, with its ratio to the machine's own fsync rate where that says something.

/** A line. `perFsync` is figures a second over fsyncs a second. */
export type Row = {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  readonly perFsync?: number;
  readonly detail?: string;
};

/** Lays rows out in columns. */
export function tableOf(rows: readonly Row[]): string {
  const lines = [
    ['measure', 'figure', '', 'of fsync', ''],
    ...rows.map((row) => [
      row.what,
      written(row.value),
      row.unit,
      row.perFsync === undefined ? '' : `${row.perFsync.toFixed(2)} x`,
      row.detail ?? '',
    ]),
  ];
  const widths = lines[0]?.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0))) ?? [];
  return lines
    .map((line) =>
      line
        .map((cell, column) => (column === 1 || column === 3 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function written(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3);
}
