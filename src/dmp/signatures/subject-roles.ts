// In which role somebody acts: the profession, then what a doctor is qualified in. Codes of the ANS: TRE_G15 for professions, TRE_R01 for
// qualifications (CONFIRMED-P by the "volet transmission"); a CDA writes both in one, `G15_10/SM26` of TRE_A02.
import type { CodedValue, DocumentAuthor } from '../document-entry.ts';

const professions = '1.2.250.1.71.1.2.7';
const qualifications = '1.2.250.1.71.4.2.5';

/** For whoever has no known profession: software, or a person the document does not tell it of. TRE_A00. */
const automaton: CodedValue = { code: 'AUTOMATE', system: '1.2.250.1.213.1.1.4.6', display: 'Automate' };

/** One role, or two. */
export function subjectRoles(author: DocumentAuthor | undefined): readonly CodedValue[] {
  const { code = '', display = '' } = author?.specialty ?? {};
  const [, profession, qualification] = /^G15_(\d+)(?:\/(S[A-Z]+\d+))?/.exec(code) ?? [];
  if (profession === undefined) return [automaton];
  const [inProfession = '', ...inQualification] = display.split(' - ');
  const roles = [{ code: profession, system: professions, display: inProfession || profession }];
  if (qualification === undefined) return roles;
  return [...roles, { code: qualification, system: qualifications, display: inQualification.join(' - ') || qualification }];
}
