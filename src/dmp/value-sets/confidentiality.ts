// Who may see a document. Source: ANS, JDV_J58-ConfidentialityCode-DMP of 2020-04-24, CONFIRMED-P. MASQUE_PSOCIAL and MASQUE_PT of the
// larger table (TRE_A07) are not among the record's: a document that bears one is not copied, for the mask would be lost.
import { makeValueSet, valuesOf } from './table.ts';

/** The mask that keeps a document from its patient until somebody has explained it. Requirements 50, 51. */
export const invisibleToPatient = 'INVISIBLE_PATIENT';

/** Levels of HL7, the strictest last; a document has one, beside its masks. */
export const confidentialityLevels = valuesOf('2.16.840.1.113883.5.25', [
  ['N', 'Normal'],
  ['R', 'Restreint'],
  ['V', 'Très restreint'],
]);

/** Levels and masks. */
export const confidentialities = makeValueSet(
  confidentialityLevels,
  valuesOf('1.2.250.1.213.1.1.4.13', [
    [invisibleToPatient, 'Non visible par le patient'],
    ['INVISIBLE_REPRESENTANTS_LEGAUX', 'Non visible par les représentants légaux du patient'],
    ['MASQUE_PS', 'Masqué aux professionnels de santé'],
  ]),
);

/** The mask as the hand-off between hospital systems shortens it. domain.md §6. */
export const confidentialityAliases: ReadonlyMap<string, string> = new Map([['INVISIBLE_REP_LEGAUX', 'INVISIBLE_REPRESENTANTS_LEGAUX']]);
