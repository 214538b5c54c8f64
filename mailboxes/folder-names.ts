// Names of folders: UTF-8, `/` between levels, INBOX in any case. RFC 9051 §5.1.
// Bounded, and free of what makes a name impossible to list or to show: control characters, wildcards, empty levels.

/** What every mailbox has, and no one may delete. RFC 9051 §5.1. */
export const inbox = 'INBOX';

/** The folder of every professional's mailbox in which a letter blocks its sender. Requirement 33. */
export const blockedPatientsFolder = 'Patients bloqués';

/** The hierarchy separator. */
export const separator = '/';

/** Whether a name stands under that folder. There is none in it: a letter moved down there would leave it, and lift the block. */
export function isBelowBlockedPatients(name: string): boolean {
  return name.startsWith(blockedPatientsFolder + separator);
}

const mostNameBytes = 800;
const mostLevels = 20;
const unfit = /[\p{Cc}\p{Cs}\u2028\u2029%*]/u;

/** The one spelling under which a name is kept: NFC, INBOX in capitals, no separator at the end; undefined when it is not valid. */
export function canonicalFolderName(text: string): string | undefined {
  if (text.length > mostNameBytes || unfit.test(text)) return undefined;
  // A closing separator only announces that children will follow. RFC 9051 §6.3.4.
  const levels = text.normalize('NFC').replace(/\/$/, '').split(separator);
  if (levels.length > mostLevels || levels.some((level) => level.trim() === '')) return undefined;
  if (levels[0]?.toUpperCase() === inbox) levels[0] = inbox;
  const name = levels.join(separator);
  return Buffer.byteLength(name) <= mostNameBytes ? name : undefined;
}

/** The folders that stand above a name, outermost first: `A`, `A/B` for `A/B/C`. */
export function parentsOf(name: string): string[] {
  const levels = name.split(separator);
  return levels.slice(1).map((_, index) => levels.slice(0, index + 1).join(separator));
}
