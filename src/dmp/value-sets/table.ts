// A value set as the code needs it: which codes there are, of which table, and what they are called.
import type { CodedValue } from '../document-entry.ts';

/** The values by code. */
export type ValueSet = ReadonlyMap<string, CodedValue>;

/** Values of one table: `[code, display]`. */
export function valuesOf(system: string, rows: readonly (readonly [code: string, display: string])[]): readonly CodedValue[] {
  return rows.map(([code, display]) => ({ code, system, display }));
}

/** A value set out of values of several tables. */
export function makeValueSet(...tables: readonly (readonly CodedValue[])[]): ValueSet {
  return new Map(tables.flat().map((value) => [value.code, value]));
}
