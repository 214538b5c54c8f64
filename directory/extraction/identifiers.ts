// How the extraction names people and structures, and how we do: a person by the 11 digits of the RPPS, a structure by `1` + FINESS or
// `3` + SIRET, which the extraction writes with or without that first digit, its kind in words or in digits. domain.md §4.
import { parseRpps, parseStructureId } from '../national-ids.ts';

/** Who a line names. `person-kind`: by another identifier, such as ADELI. */
export type PersonId =
  | { readonly found: 'rpps'; readonly rpps: string }
  | { readonly found: 'none' | 'person-kind' | 'rpps-shape' | 'person-contradiction' };

/** Reads the three cells about a person; either number may be empty. The national one is `8` + RPPS. */
export function readPersonId(kindCell: string, id: string, nationalId: string): PersonId {
  const kind = kindCell.toUpperCase();
  if (id === '' && nationalId === '') return { found: 'none' };
  if (kind !== '' && kind !== '8' && kind !== 'RPPS') return { found: 'person-kind' };
  if (nationalId !== '' && !nationalId.startsWith('8')) return { found: 'person-kind' };
  const rpps = parseRpps(id === '' ? nationalId : id);
  if (rpps === undefined) return { found: 'rpps-shape' };
  if (nationalId !== '' && parseRpps(nationalId) !== rpps) return { found: 'person-contradiction' };
  return { found: 'rpps', rpps };
}

/** Which structure a line names. `structure-kind`: by another identifier, such as SIREN or a practice's own. */
export type StructureId =
  | { readonly found: 'structure'; readonly structureId: string }
  | { readonly found: 'none' | 'structure-kind' | 'structure-shape' };

/** The first digit of our form, by the words for a kind of structure. */
const kinds = new Map([
  ['1', '1'],
  ['FINESS', '1'],
  ['FINESS EG', '1'],
  ['FINESS EJ', '1'],
  ['3', '3'],
  ['SIRET', '3'],
]);

/** Reads the two cells about a structure; without a kind, the number's own form tells. */
export function readStructureId(kindCell: string, id: string): StructureId {
  if (id === '') return { found: 'none' };
  const kind = kinds.get(kindCell.toUpperCase());
  if (kindCell !== '' && !kind) return { found: 'structure-kind' };
  const structureId = parseStructureId(id);
  if (structureId === undefined || (kind && !structureId.startsWith(kind))) return { found: 'structure-shape' };
  return { found: 'structure', structureId };
}
