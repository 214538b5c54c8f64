// What STORE changes. RFC 3501 §6.4.6, §9 (store-att-flags).

import type { Cursor } from './cursor.ts';
import type { FlagList } from './flags.ts';

/** `isSilent`: the client does not want the new flags of its own change told back. */
export type StoreItem = { readonly mode: 'add' | 'remove' | 'replace'; readonly isSilent: boolean; readonly flags: FlagList };

/** Reads `[+|-]FLAGS[.SILENT]` and its flags, with or without parentheses. */
export function parseStoreItem(cursor: Cursor): StoreItem {
  const mode = cursor.accept('+') ? 'add' : cursor.accept('-') ? 'remove' : 'replace';
  const name = cursor.keyword();
  if (name !== 'FLAGS' && name !== 'FLAGS.SILENT') throw cursor.error('FLAGS or FLAGS.SILENT');
  cursor.space();
  return { mode, isSilent: name === 'FLAGS.SILENT', flags: cursor.peek() === '(' ? cursor.flagList() : readBareFlags(cursor) };
}

function readBareFlags(cursor: Cursor): FlagList {
  const start = cursor.position;
  const names: string[] = [];
  do names.push(cursor.flag());
  while (cursor.accept(' '));
  return cursor.sortedFlags(names, start);
}
