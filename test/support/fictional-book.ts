// A few hundred fictional professionals for an address book: names with accents, hyphens and apostrophes, several boxes and several
// structures each, boxes of structures and of software, and some that no book may show. Always the same for the same number.
import { createAddress } from '../../directory/addresses.ts';
import { setPractices } from '../../directory/practices.ts';
import { registerProfessional, registerStructure } from '../../directory/registry.ts';
import { type Address, parseAddress } from '../../src/core/address.ts';
import type { Db, Trx } from '../../src/database/tables.ts';

const domain = 'medecin.test.mssante.fr';

const familyNames = [
  ...['MARTIN', "D'AUBIGNÉ", 'LEFÈVRE-ÜNAL', 'Le Goff', 'ŒUVRARD', 'MÜLLER', 'Gonçalves', 'SAINT-EXUPÉRY', 'Ben Saïd', 'LEFEVRE'],
  ...['L’HÔTE', 'ÅKESSON', 'O’Brien (née Dupont)', 'Martineau', 'DE LA CRUZ', 'Noël', 'PÉREC', 'Ibáñez & fils', 'Zoë*', 'Nu\\l'],
];
const givenNames = [
  ...['Hélène', 'Helene', 'Jean-Paul', 'Jean Paul', 'Zoé', 'Noël', 'Anaïs', 'François-Xavier', 'Léa', 'Théo', 'Inès', 'Marie'],
  ...['Ève', 'Maëlys', 'Loïc', 'Bénédicte', 'Çağla'],
];
const civilities = ['Dr', 'Pr', 'M.', 'Mme'];
const professions = ['Médecin', 'Pharmacien', 'Infirmier', 'Sage-femme', 'Masseur-Kinésithérapeute'];
const skills = ['Médecine générale', 'Cardiologie et maladies vasculaires', 'Chirurgie viscérale et digestive', 'Gériatrie', 'Pédiatrie'];
const services = ['Urgences', 'Service de néphrologie', 'Maternité – étage 2', 'Secrétariat (accueil)'];
const structures = [
  { structureId: '1340009999', name: 'CHU de Test (Hôpital Nord)', sign: 'Hôpital Nord', at: '34000 MONTPELLIER', department: 'Hérault' },
  { structureId: '1510009998', name: 'Clinique Sainte-Élisabeth', at: '51092 REIMS CEDEX 3', department: 'Marne' },
  { structureId: '1750009997', name: 'Centre de santé « Les Œillets »', at: '75013 PARIS', department: 'Paris' },
  { structureId: '1290009996', name: 'Pharmacie d’Ürgence & Cie', at: '29200 BREST', department: 'Finistère' },
  { structureId: '312345678900017', name: 'Cabinet du Val-de-Grâce', sign: 'Val de Grâce', at: '75005 PARIS CEDEX', department: 'Paris' },
  { structureId: '1970009995', name: 'Maison de santé', at: '97400 SAINT-DENIS', department: 'La Réunion' },
];

/** Writes `count` professionals, their boxes and the structures they work in. */
export async function fillBook(db: Db, count: number): Promise<void> {
  for (const { at, ...structure } of structures) {
    await registerStructure(db, { ...structure, routingLine: at, postalCode: at.slice(0, 5) });
  }
  for (let number = 0; number < count; number += 1) {
    await registerProfessional(db, person(number));
    await db.transaction().execute((trx) => giveBoxes(trx, number));
  }
  await db.transaction().execute(giveStructuresBoxes);
}

/** Different lists, read at different paces: whoever shares a family name does not share everything. */
const pick = <Item>(list: readonly Item[], number: number, pace: number): Item => {
  const item = list[Math.floor(number / pace) % list.length];
  if (item === undefined) throw new Error('An empty list');
  return item;
};

const rppsOf = (number: number) => `8100${String(number).padStart(7, '0')}`;

function person(number: number) {
  return {
    rpps: rppsOf(number),
    civility: pick(civilities, number, 3),
    familyName: pick(familyNames, number, 1),
    givenName: pick(givenNames, number, 2),
    profession: pick(professions, number, 5),
  };
}

async function giveBoxes(trx: Trx, number: number): Promise<void> {
  const { rpps, civility, familyName, givenName, profession } = person(number);
  const at = pick(structures, number, 4).structureId;
  const local = `${givenName}.${familyName}`
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z'.-]+/g, '');
  await createAddress(trx, {
    address: address(`${local}.${number}@${domain}`),
    type: 'PER',
    label: number % 11 === 0 ? '' : `${civility} ${givenName} ${familyName}`,
    rpps,
    redList: number % 17 === 0,
    published: number % 19 !== 0,
    paperless: number % 3 === 0,
    preferred: number % 2 === 0,
    description: number % 7 === 0 ? 'Sur rendez-vous, l’été aussi' : null,
  });
  await setPractices(trx, address(`${local}.${number}@${domain}`), [
    { profession, skill: pick(skills, number, 6), structureId: at },
    ...(number % 5 === 0 ? [{ profession: 'Enseignant', structureId: pick(structures, number + 1, 1).structureId }] : []),
  ]);
  if (number % 4 !== 0) return;
  const office = address(`cabinet+${number}_${local.slice(0, 3)}@${domain}`);
  const service = pick(services, number, 4);
  await createAddress(trx, { address: office, type: 'CAB', label: `Cabinet ${familyName}`, rpps, structureId: at, service });
}

async function giveStructuresBoxes(trx: Trx): Promise<void> {
  for (const [index, { structureId, name }] of structures.entries()) {
    await createAddress(trx, { address: address(`accueil.${index}@${domain}`), type: 'ORG', label: `Accueil – ${name}`, structureId });
    await createAddress(trx, { address: address(`logiciel.${index}@${domain}`), type: 'APP', label: `Logiciel n° ${index}`, structureId });
  }
}

function address(text: string): Address {
  const parsed = parseAddress(text);
  if (!parsed) throw new Error(`Not an address: ${text}`);
  return parsed;
}
