// The HL7 v2 data types inside XDS metadata: CX (a patient), XCN (a person), XON (a structure), DTM (a time). IHE ITI TF-3 §4.2.3.1.7;
// identifier systems of domain.md §5 and §4.

/** A patient by INS: the matricule and the OID that says what kind it is. */
export type PatientId = { readonly matricule: string; readonly oid: string };

/** Matricules of INS: NIR and NIA, real, of tests and of demonstrations. */
const insOids: ReadonlySet<string> = new Set(['8', '9', '10', '11'].map((last) => `1.2.250.1.213.1.4.${last}`));

/** Is it one of the INS identifier systems? */
export function isInsOid(oid: string): boolean {
  return insOids.has(oid);
}

/** `277076322082910^^^&1.2.250.1.213.1.4.10&ISO^NH`; undefined when it is not an INS written so. */
export function readPatientId(cx: string): PatientId | undefined {
  const [, matricule = '', oid = ''] = /^(\d[\dAB]{14})\^\^\^&([\d.]+)&ISO\^NH$/.exec(cx) ?? [];
  return isInsOid(oid) ? { matricule, oid } : undefined;
}

/** `899700101001^MARTIN^Léa^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS`: a family name, and an authority with any identifier. */
export function isPerson(xcn: string): boolean {
  const parts = xcn.split('^');
  const [id = '', family = ''] = parts;
  return family !== '' && (id === '' || (/^&[\d.]+&ISO$/.test(parts[8] ?? '') && parts[9] === 'D' && (parts[12] ?? '') !== ''));
}

/** `Clinique^^^^^&1.2.250.1.71.4.2.2&ISO^IDNST^^^1990001018`: a name, and an authority with any identifier. */
export function isStructure(xon: string): boolean {
  const parts = xon.split('^');
  return (parts[0] ?? '') !== '' && ((parts[9] ?? '') === '' || (/^&[\d.]+&ISO$/.test(parts[5] ?? '') && (parts[6] ?? '') !== ''));
}

/** A time in UTC from the year down to the second, that the calendar knows. */
export function isTime(dtm: string): boolean {
  const [, year, month = '01', day = '01', hour = '00', minute = '00', second = '00'] =
    /^(\d{4})(?:(\d{2})(?:(\d{2})(?:(\d{2})(\d{2})?(\d{2})?)?)?)?$/.exec(dtm) ?? [];
  if (year === undefined) return false;
  const iso = `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`;
  const date = new Date(iso);
  return !Number.isNaN(date.getTime()) && date.toISOString() === iso;
}
