// Flags between the wire's names and the bits stored with a message. RFC 3501 §2.3.2.
import { SystemFlag } from '../../mailboxes/flags.ts';
import { type FlagList, formatFlags, type SystemFlagName } from './wire/flags.ts';

const bitOf: Readonly<Record<SystemFlagName, number>> = {
  '\\Seen': SystemFlag.Seen,
  '\\Answered': SystemFlag.Answered,
  '\\Flagged': SystemFlag.Flagged,
  '\\Deleted': SystemFlag.Deleted,
  '\\Draft': SystemFlag.Draft,
};
const names = Object.keys(bitOf) as SystemFlagName[];

/** What FETCH prints for each of the 32 sets of system flags: a folder's worth of messages shares a few of them. */
const printedSets = Array.from({ length: 32 }, (_, bits) => names.filter((name) => (bits & bitOf[name]) !== 0));

/** The bits of the system flags a client named. */
export function flagBits(flags: FlagList): number {
  return flags.system.reduce((bits, name) => bits | bitOf[name], 0);
}

/** A message's flags between parentheses; `\Recent` last of the system flags. */
export function printFlags(bits: number, keywords: readonly string[], isRecent: boolean): string {
  const system = printedSets[bits & 31] ?? [];
  return formatFlags(system, isRecent ? ['\\Recent', ...keywords] : keywords);
}

/** All system flags a client may set. RFC 3501 §7.2.6. */
export const settableFlags: readonly string[] = names;
