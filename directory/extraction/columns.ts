// The 31 columns of the national extraction, as published, and how to know them under the names they also go by: with or without
// accents, capitals, apostrophes, « structure BAL ». domain.md §4.

/** Cells about the person and their work, as they stand. */
const workFields = [
  'service',
  'civility',
  'familyName',
  'givenName',
  'categoryCode',
  'category',
  'professionCode',
  'profession',
  'skillCode',
  'skill',
] as const;

/** Cells that describe the structure: without an identifier they describe nothing. */
export const structureFields = [
  'structureName',
  'sign',
  'locationExtra',
  'distributionExtra',
  'streetNumber',
  'streetNumberExtra',
  'streetType',
  'streetName',
  'placeName',
  'routingLine',
  'postalCode',
  'department',
  'country',
] as const;

/** Cells that are taken as they stand. */
export const plainFields = [...workFields, ...structureFields] as const;

/** What a cell is about, in the order of the published file. */
export const extractionFields = [
  'type',
  'address',
  'personIdKind',
  'personId',
  'personNationalId',
  'structureIdKind',
  'structureId',
  ...workFields,
  'paperless',
  ...structureFields,
] as const;

export type ExtractionField = (typeof extractionFields)[number];

/** The name of each column, as this gateway writes it and names it to people. */
export const columnNames: Readonly<Record<ExtractionField, string>> = {
  type: 'Type de BAL',
  address: 'Adresse BAL',
  personIdKind: 'Type Identifiant PP',
  personId: 'Identifiant PP',
  personNationalId: 'Identification nationale PP',
  structureIdKind: 'Type identifiant structure',
  structureId: 'Identification structure',
  service: 'Service de rattachement',
  civility: "Civilité d'exercice",
  familyName: "Nom d'exercice",
  givenName: "Prénom d'exercice",
  categoryCode: 'Catégorie professionnelle',
  category: 'Libellé catégorie professionnelle',
  professionCode: 'Code profession',
  profession: 'Libellé profession',
  skillCode: 'Code savoir-faire',
  skill: 'Libellé savoir-faire',
  paperless: 'Dématérialisation',
  structureName: 'Raison sociale structure BAL',
  sign: 'Enseigne commerciale structure BAL',
  locationExtra: 'L2COMPLEMENTLOCALISATION structure BAL',
  distributionExtra: 'L3COMPLEMENTDISTRIBUTION structure BAL',
  streetNumber: 'L4NUMEROVOIE structure BAL',
  streetNumberExtra: 'L4COMPLEMENTNUMEROVOIE structure BAL',
  streetType: 'L4TYPEVOIE structure BAL',
  streetName: 'L4LIBELLEVOIE structure BAL',
  placeName: 'L5LIEUDITMENTION structure BAL',
  routingLine: 'L6LIGNEACHEMINEMENT structure BAL',
  postalCode: 'Code postal structure BAL',
  department: 'Département structure BAL',
  country: 'Pays structure BAL',
};

/** Names seen besides, already folded. */
const otherNames: Readonly<Partial<Record<ExtractionField, readonly string[]>>> = {
  type: ['typebal'],
  address: ['adresse', 'adressedebal'],
  personIdKind: ['typedidentifiantpp'],
  structureIdKind: ['typedidentifiantstructure'],
  structureId: ['identifiantstructure'],
  service: ['servicerattachement'],
  civility: ['civilite', 'civiliteexercice'],
  familyName: ['nom', 'nomexercice'],
  givenName: ['prenom', 'prenomexercice'],
  categoryCode: ['categorieprofession', 'codecategorieprofessionnelle', 'codecategorieprofession'],
  category: ['libellecategorieprofession', 'libelledecategorieprofession', 'libelledecategorieprofessionnelle'],
  streetType: ['nl4typevoie'],
};

/** A file may lack these: what they say stands elsewhere in the line. All others are needed, for an absent one would empty what is known. */
const dispensable: readonly ExtractionField[] = ['personIdKind', 'structureIdKind'];

const fieldOf = new Map(
  extractionFields.flatMap((field) => [foldColumn(columnNames[field]), ...(otherNames[field] ?? [])].map((name) => [name, field] as const)),
);

function foldColumn(name: string): string {
  return name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '')
    .replace(/structurebal$/, '');
}

/** What is wrong with a header line. */
export type HeaderTrouble = 'no-header' | 'columns-missing' | 'columns-repeated';

/** Where each field is in a line. */
export type ExtractionHeader = {
  /** Cells in a line of this file. */
  readonly cells: number;
  /** The cell of each field, from 0; a dispensable one may have none. */
  readonly at: Readonly<Partial<Record<ExtractionField, number>>>;
  /** Columns nobody here knows, as the file names them: at most 20, shortened. */
  readonly ignored: readonly string[];
};

/** Reads a header line. The order is free. Otherwise says what is wrong, and with which columns. */
export function readHeader(line: string): ExtractionHeader | { readonly trouble: HeaderTrouble; readonly columns: readonly string[] } {
  const names = line.replace(/^\ufeff/, '').split('|');
  const at: Partial<Record<ExtractionField, number>> = {};
  const repeated: string[] = [];
  const ignored: string[] = [];
  names.forEach((name, index) => {
    const field = fieldOf.get(foldColumn(name));
    // Some files end each line with a separator: nothing stands behind it.
    if (name.trim() === '' && index === names.length - 1) return;
    if (!field) ignored.push(name.replace(/\p{C}/gu, '').trim().slice(0, 80));
    else if (at[field] !== undefined) repeated.push(columnNames[field]);
    else at[field] = index;
  });
  if (at.type === undefined && at.address === undefined) return { trouble: 'no-header', columns: [] };
  if (repeated.length > 0) return { trouble: 'columns-repeated', columns: repeated };
  const missing = extractionFields.filter((field) => at[field] === undefined && !isDispensable(field, at));
  if (missing.length > 0) return { trouble: 'columns-missing', columns: missing.map((field) => columnNames[field]) };
  return { cells: names.length, at, ignored: ignored.slice(0, 20) };
}

// The two numbers of a person say the same: one is enough.
function isDispensable(field: ExtractionField, at: ExtractionHeader['at']): boolean {
  if (field === 'personId') return at.personNationalId !== undefined;
  if (field === 'personNationalId') return at.personId !== undefined;
  return dispensable.includes(field);
}
