// Fictional lines of a national extraction, as many as wanted, the same ones for the same seed: mostly persons' mailboxes, some of
// structures, a few addresses on several lines. Nobody in them exists.

/** The header as it is published: some names with « structure BAL », others without, one in another spelling. */
export const publishedHeader =
  "Type de BAL|Adresse BAL|Type Identifiant PP|Identifiant PP|Identification nationale PP|Type identifiant structure|Identification Structure|Service de rattachement|Civilité d'exercice|Nom d'exercice|Prénom d'exercice|Catégorie profession|Libellé de catégorie profession|Code Profession|Libellé Profession|Code savoir-faire|Libellé savoir-faire|Dématérialisation|Raison Sociale structure BAL|Enseigne commerciale structure BAL|L2COMPLEMENTLOCALISATION|L3COMPLEMENTDISTRIBUTION|L4NUMEROVOIE|L4COMPLEMENTNUMEROVOIE|NL4TYPEVOIE|L4LIBELLEVOIE|L5LIEUDITMENTION|L6LIGNEACHEMINEMENT|Code postal|Département|Pays";

const familyNames = ['MARTIN', 'BERNARD', 'LE GOFF', "D'ALMEIDA", 'ÉTIENNE', 'GARCIA-LOPEZ', 'MÜLLER', 'NGUYEN', 'SAINT-ŒUVRE', 'ZOLA'];
const givenNames = ['LÉA', 'JEAN-BAPTISTE', 'AÏCHA', 'RÉMI', 'MARIE', 'NOÉMIE', 'OMAR', 'ZOÉ'];
const professions = [
  ['10', 'Médecin', 'SM26', 'Qualifié en Médecine Générale (SM)'],
  ['10', 'Médecin', 'SM04', 'Cardiologie et maladies vasculaires (SM)'],
  ['60', 'Infirmier', '', ''],
  ['21', 'Pharmacien', '', ''],
  ['50', 'Sage-Femme', '', ''],
] as const;
const towns = [
  ['75011', 'PARIS 11', '75'],
  ['20200', 'BASTIA', '2B'],
  ['34000', 'MONTPELLIER', '34'],
  ['29200', 'BREST', '29'],
  ['97400', 'SAINT DENIS', '974'],
] as const;
const services = ['', '', '', 'Cardiologie', 'Urgences', 'Accueil & admissions'];

/** What a person goes by. */
export type PersonName = { readonly family: string; readonly given: string };

/** How lines differ from the usual. */
export type ExtractionWishes = {
  readonly seed?: number;
  /** Numbers the addresses: two files that overlap by it share some. */
  readonly firstAddress?: number;
  /** The names of person `number`; one of ten and one of eight without it. */
  readonly nameOf?: (number: number) => PersonName;
};

/** `count` lines after the header, each without its end. */
export function* extractionLines(
  count: number,
  { seed = 1, firstAddress = 0, nameOf = fewNames }: ExtractionWishes = {},
): Generator<string, void, undefined> {
  const next = randomNumbers(seed);
  const pick = <T>(list: readonly T[]): T => list[next(list.length)] as T;
  for (let line = 0, number = firstAddress; line < count; number += 1) {
    const structure = structureCells(next(Math.max(1, count >> 5)));
    const isOrganisation = next(100) < 15;
    const domain = pick(['medecin', 'infirmier', 'pharmacien']);
    // One address in three thousand stands on several lines.
    for (let repeat = next(3000) === 0 ? 3 : 1; repeat > 0 && line < count; repeat -= 1, line += 1) {
      if (isOrganisation) {
        const head = ['ORG', `service.${number}@structure-${number % 400}.fictif.mssante.fr`, '', '', '', ...structure.id];
        yield [...head, repeat === 1 ? pick(services) : `Pôle ${repeat}`, '', '', '', '', '', '', '', '', '', 'N', ...structure.cells].join(
          '|',
        );
        continue;
      }
      const rpps = String(99_000_000_000 + number);
      const { family, given } = nameOf(number);
      const [code, label, skillCode, skill] = pick(professions);
      const head = [
        'PER',
        `p.${number}@${domain}.fictif.mssante.fr`,
        '8',
        rpps,
        `8${rpps}`,
        ...structure.id,
        repeat === 1 ? pick(services) : `Site ${repeat}`,
      ];
      const person = [number % 3 === 0 ? 'Dr' : 'M', family, given, 'C', 'Civil', code, label, skillCode, skill];
      yield [...head, ...person, next(10) < 3 ? 'O' : 'N', ...structure.cells].join('|');
    }
  }
}

function fewNames(number: number): PersonName {
  return { family: familyNames[number % familyNames.length] ?? '', given: givenNames[number % givenNames.length] ?? '' };
}

function structureCells(number: number): { readonly id: readonly string[]; readonly cells: readonly string[] } {
  const [postalCode, town, department] = towns[number % towns.length] ?? towns[0];
  const isSiret = number % 4 === 0;
  const id = isSiret ? String(99_000_000_000_000 + number) : `99${String(number).padStart(7, '0')}`;
  const name = isSiret ? `CABINET DES ACACIAS ${number}` : `CENTRE HOSPITALIER FICTIF ${number}`;
  const street = [String((number % 90) + 1), number % 7 === 0 ? 'BIS' : '', 'RUE', `DES ÉRABLES ${number % 300}`];
  return {
    id: [isSiret ? 'SIRET' : 'FINESS', id],
    cells: [
      name,
      number % 5 === 0 ? `Les Acacias ${number}` : '',
      '',
      '',
      ...street,
      '',
      `${postalCode} ${town}`,
      postalCode,
      department,
      'FRANCE',
    ],
  };
}

/** Whole numbers below a bound, the same ones for the same seed (mulberry32). */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}
