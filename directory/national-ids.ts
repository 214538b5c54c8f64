// National identifiers of professionals and structures, as people and files write them. Requirement 20.
// What is asked of one is its shape. RPPS, FINESS and SIRET end with a key of Luhn, but not all of those in use keep to it (post offices,
// identifiers of tests): a key that is wrong is worth a word, never a refusal.

/** An RPPS of 11 digits, from itself or from its national form (8 before it); undefined for anything else. */
export function parseRpps(text: string): string | undefined {
  const digits = text.replace(/\s/g, '');
  return /^8?(\d{11})$/.exec(digits)?.[1];
}

/** `1` + FINESS or `3` + SIRET, from itself or from the bare FINESS (9 characters) or SIRET (14 digits); undefined for anything else. */
export function parseStructureId(text: string): string | undefined {
  const id = text.replace(/\s/g, '').toUpperCase();
  if (/^(1[0-9AB]{9}|3\d{14})$/.test(id)) return id;
  if (/^(\d{2}|2[AB])\d{7}$/.test(id)) return `1${id}`;
  return /^\d{14}$/.test(id) ? `3${id}` : undefined;
}

/** True when the last digit of an RPPS or of a structure's identifier agrees with the others. Post offices have a rule of their own. */
export function hasGoodKey(id: string): boolean {
  const number = id.length === 11 ? id : id.slice(1);
  // The letters of Corsica are read as zeros.
  const digits = [...number.replace(/[AB]/g, '0')].map(Number);
  const isPostOffice = number.startsWith('356000000') && number.length === 14;
  if (isPostOffice && sum(digits) % 5 === 0) return true;
  return sum(digits.map((digit, index) => ((digits.length - index) % 2 === 0 ? doubled(digit) : digit))) % 10 === 0;
}

function doubled(digit: number): number {
  return digit < 5 ? digit * 2 : digit * 2 - 9;
}

function sum(digits: readonly number[]): number {
  return digits.reduce((total, digit) => total + digit, 0);
}
