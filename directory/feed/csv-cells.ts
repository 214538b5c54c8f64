// Cells of one CSV record, and back. RFC 4180.

/** True while a quoted cell has not ended: the record goes on in the next line. */
export function isQuoteOpen(record: string): boolean {
  let isOpen = false;
  for (let at = record.indexOf('"'); at !== -1; at = record.indexOf('"', at + 1)) isOpen = !isOpen;
  return isOpen;
}

/** The cells, without their quotes; undefined when a quote stands where none may. */
export function splitCells(record: string, separator: string): string[] | undefined {
  if (!record.includes('"')) return record.split(separator);
  const cells: string[] = [];
  for (let at = 0; at <= record.length; at += 1) {
    if (record[at] === '"') {
      const end = endOfQuoted(record, at);
      if (end === -1 || (end + 1 < record.length && record[end + 1] !== separator)) return undefined;
      cells.push(record.slice(at + 1, end).replaceAll('""', '"'));
      at = end + 1;
    } else {
      const next = record.indexOf(separator, at);
      const end = next === -1 ? record.length : next;
      const cell = record.slice(at, end);
      if (cell.includes('"')) return undefined;
      cells.push(cell);
      at = end;
    }
  }
  return cells;
}

/** Where the quote stands that ends the cell begun at `start`; -1 when there is none. */
function endOfQuoted(record: string, start: number): number {
  let at = record.indexOf('"', start + 1);
  while (at !== -1 && record[at + 1] === '"') at = record.indexOf('"', at + 2);
  return at;
}

/** One record, its line end included; quotes only where they are needed. */
export function joinCells(cells: readonly string[]): string {
  return `${cells.map((cell) => (/[";,\t\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(';')}\r\n`;
}
