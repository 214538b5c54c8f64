// The matricule INS: the national health identity that names a citizen's mailbox. Requirement 35, domain.md §5.
// Shape and key from the NIR's own rule: key = 97 − (number mod 97), Corsican departments read as 19 and 18.

declare const insBrand: unique symbol;

/** 15 characters (13 of matricule, 2 of key), upper case, key already checked. Build one only with parseIns(). */
export type Ins = string & { readonly [insBrand]: true };

const insShape = /^[1-478]\d{4}(?:\d{2}|2[AB])\d{8}$/;

/** Reads a matricule as people write it (spaces, lower case); undefined when its shape or its key is wrong. */
export function parseIns(text: string): Ins | undefined {
  const ins = text.replace(/\s/g, '').toUpperCase();
  return insShape.test(ins) && insKey(ins.slice(0, 13)) === ins.slice(13) ? (ins as Ins) : undefined;
}

/** True when the text has the length and alphabet of a matricule, whatever its key says: enough to answer 5.1.3. */
export function looksLikeIns(text: string): boolean {
  return insShape.test(text.replace(/\s/g, '').toUpperCase());
}

/**
 * The two-digit key of a 13-character matricule. It tells any one wrong character, any two neighbours that changed places and any digit
 * twice typed for another, the key's own included. It cannot tell 19 from 2A nor 18 from 2B as department, nor either of the last two
 * digits that changed places with the key's digit two places on, nor one in 97 of other accidents.
 */
export function insKey(matricule: string): string {
  const digits = matricule
    .toUpperCase()
    .replace(/^(.{5})2A/, '$119')
    .replace(/^(.{5})2B/, '$118');
  return String(97 - (Number(digits) % 97)).padStart(2, '0');
}

/**
 * Last number of the OID 1.2.250.1.213.1.4.x of the authority that gave a matricule: 8 the national register (NIR), 9 the same, for
 * those who wait for one (NIA), 10 a test, 11 a demonstration.
 */
export type InsArc = 8 | 9 | 10 | 11;

const arcs: readonly InsArc[] = [8, 9, 10, 11];

const insRoot = '1.2.250.1.213.1.4';

/** The authority's OID in full. */
export function insOid(arc: InsArc): string {
  return `${insRoot}.${arc}`;
}

/** The authority an OID names, given whole or by its last number; undefined for any other, INS-C (.2) among them. */
export function parseInsArc(text: string): InsArc | undefined {
  const last = text.startsWith(`${insRoot}.`) ? text.slice(insRoot.length + 1) : text;
  return arcs.find((arc) => String(arc) === last);
}

/** The authority that a matricule's own first digit tells of: 7 and 8 are given to those who wait for a NIR. */
export function insArcOf(ins: Ins): 8 | 9 {
  return ins.startsWith('7') || ins.startsWith('8') ? 9 : 8;
}

/** True for identities made for tests and demonstrations: in production they mean that something is wrong. */
export function isTestArc(arc: InsArc): boolean {
  return arc === 10 || arc === 11;
}
