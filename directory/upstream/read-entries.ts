// From the entries a directory sends to who it says it is. Another's words: what was not asked for is left out, names become one line.
import { type Address, localPart, parseAddress } from '../../src/core/address.ts';
import { parseIns } from '../../src/core/ins.ts';
import { oneLine } from '../../src/mail/one-line.ts';
import { isBoxState, isCitizenState } from '../states.ts';
import type { FoundAttributes } from './read-answer.ts';
import type { UpstreamEntry, UpstreamQuestion } from './upstream-answer.ts';

/** Entries asked for at most: a mailbox may have one for each place it is used in; more of them would change no answer. */
export const mostEntries = 10;

const longestName = 200;

/** Who it is; undefined when no entry is about whom was asked for. Entries of one and the same mailbox are one. */
export function readEntries(
  entries: readonly FoundAttributes[],
  question: UpstreamQuestion,
  insAttribute: string,
): UpstreamEntry | 'several' | undefined {
  const found = entries.flatMap((entry) => readEntry(entry, question, insAttribute) ?? []);
  const [first] = found;
  if (!first || found.length === 1) return first;
  // A full answer may have been cut short of another mailbox.
  const isOne = entries.length < mostEntries && first.address !== undefined && found.every(({ address }) => address === first.address);
  return isOne ? first : 'several';
}

function readEntry(entry: FoundAttributes, question: UpstreamQuestion, insAttribute: string): UpstreamEntry | undefined {
  const matricules = valuesOf(entry, insAttribute).flatMap((text) => parseIns(text) ?? []);
  const addresses = valuesOf(entry, 'mail').flatMap((text) => parseAddress(text) ?? []);
  if (question.by === 'address' && !addresses.includes(question.address)) return undefined;
  // A directory may let a matricule be asked for and not read.
  if (question.by === 'ins' && matricules.length > 0 && !matricules.includes(question.ins)) return undefined;
  const isCitizen = question.by === 'ins' || matricules.length > 0;
  const address = question.by === 'address' ? question.address : ownAddress(addresses, question.ins);
  const state = valuesOf(entry, 'mssBoxState').find(isCitizen ? isCitizenState : isBoxState);
  return {
    ...(address && { address }),
    displayName: oneLine(valuesOf(entry, 'displayName')[0] ?? valuesOf(entry, 'cn')[0] ?? '', longestName),
    kind: isCitizen ? 'citizen' : 'professional',
    ...(state && { state }),
  };
}

/** Of several addresses, the one the matricule makes. */
function ownAddress(addresses: readonly Address[], ins: string): Address | undefined {
  return addresses.find((address) => localPart(address) === ins.toLowerCase()) ?? addresses[0];
}

function valuesOf(entry: FoundAttributes, attribute: string): readonly string[] {
  return entry.get(attribute.toLowerCase()) ?? [];
}
