// The directory as a whole by commands: operations in number, imports, exports, look-ups.
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { readAddresses } from '../../directory/read-addresses.ts';
import { type Address, localPart } from '../../src/core/address.ts';
import { insKey } from '../../src/core/ins.ts';
import { address } from '../support/address.ts';
import { doctorsDomain } from '../support/crowd.ts';
import { extractionLines, publishedHeader } from '../support/extraction-lines.ts';
import { until } from '../support/until.ts';
import { openCliTown } from './cli-town.ts';
import { runCli, startCli } from './run-cli.ts';

vi.setConfig({ testTimeout: 120_000 });

let town: Awaited<ReturnType<typeof openCliTown>>;
let folder: string;
beforeAll(async () => {
  town = await openCliTown();
  folder = await mkdtemp(join(tmpdir(), 'passerelle-directory-'));
});
afterAll(async () => {
  await town.close();
  await rm(folder, { recursive: true, force: true });
});

const at = (name: string): Address => address(`${name}@${doctorsDomain}`);
const refused = (text: string | RegExp) => ({ exitCode: 1, out: '', err: expect.stringMatching(text) });
const misunderstood = (text: string | RegExp) => ({ exitCode: 2, out: '', err: expect.stringMatching(text) });
const known = async (name: Address) => (await readAddresses(town.db, [name])).get(name);

async function file(name: string, lines: readonly string[]): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, `${lines.join('\r\n')}\r\n`);
  return path;
}

const bulk = (path: string, ...words: string[]) => town.here('directory', 'bulk', path, ...words);

const header = 'Action;Adresse;Type;Libellé;RPPS;Structure;Description;Service;Liste rouge;Publiée;Nom;Prénom;Profession;Nom structure';
const wanted = [
  header,
  `créer;${at('anne.durand')};PER;Dr Anne DURAND;10100000033;;;;;;DURAND;Anne;Médecin;`,
  `create;${at('labo')};ORG;"Laboratoire ""du port""";;990009005;Résultats;Biologie;;;;;;Laboratoire du port`,
  `red-list;${at('anne.durand')};;;;;;;;;;;;`,
  `modifier;${at('labo')};;;;;-;;;non;;;;`,
  `suspendre;${at('labo')};;;;;;;;;;;;`,
  `reopen;${at('labo')};;;;;;;;;;;;`,
  `publier;${at('pediatrie')};;;;;;;;;;;;`,
];

test('a file of operations is tried, applied whole, and applied again without effect', async () => {
  const path = await file('boîtes.csv', wanted);
  const tried = await bulk(path, '--dry-run');
  expect(tried).toMatchObject({ exitCode: 0, err: '' });
  expect(tried.out).toContain('Essai : rien n’est changé.');
  expect(tried.out).toContain('2 boîtes inscrites, 4 modifiées, 1 ligne sans effet, aucune refusée.');
  expect(tried.out).toContain(`ligne 4  ${at('anne.durand')}  liste rouge : non → oui`);
  expect(tried.out).toContain(`ligne 5  ${at('labo')}  description : Résultats → — ; publiée : oui → non`);
  expect(tried.out).toContain(`ligne 6  ${at('labo')}  état : ouverte → suspendue`);
  expect(await known(at('labo'))).toBeUndefined();

  const applied = JSON.parse((await bulk(path, '--by', 'jdupont', '--json')).out);
  expect(applied).toMatchObject({ isApplied: true, isDryRun: false, counts: { created: 2, changed: 4, unchanged: 1, refused: 0 } });
  expect(await known(at('labo'))).toMatchObject({
    label: 'Laboratoire "du port"',
    state: 'reopened',
    isPublished: false,
    createdBy: 'operator:jdupont',
  });
  expect(await known(at('anne.durand'))).toMatchObject({ isRedListed: true, professional: { familyName: 'DURAND' } });
  expect(await known(at('labo'))).not.toHaveProperty('description');

  // The steps that lead elsewhere and back are taken once more; what was made and set stays as it is.
  const again = JSON.parse((await bulk(path, '--json')).out);
  expect(again.counts).toEqual({ created: 0, changed: 2, unchanged: 5, refused: 0 });
});

test('one refused line keeps all the others from being applied, unless the others are wanted all the same', async () => {
  const ours = at('accueil');
  const lines = [
    'action,adresse,type,libelle,structure,liste_rouge',
    `creer,${ours},ORG,Accueil,1990009001,`,
    `creer,${town.ward},APP,Pédiatrie,1990009001,`,
    `creer,${at('personne')},PER,Personne,,`,
    `fermer,${at('inconnue')},,,,`,
    `rouvrir,${town.ward},,,,`,
    `fermer,${town.citizen},,,,`,
    `liste-rouge,${ours},,,,non`,
    `detruire,${ours},,,,`,
    `modifier,${ours},,,,peut-être`,
    `modifier,${ours},,"Accueil,,,`,
    `modifier,${ours},,,`,
    `modifier,${ours},,,,`,
    `creer,${at(localPart(town.citizen))},ORG,Accueil,1990009001,`,
    '',
  ];
  const path = await file('refus.csv', lines);
  const run = await bulk(path, '--json');
  expect(run).toMatchObject({ exitCode: 1, err: '' });
  const { isApplied, counts, lines: told } = JSON.parse(run.out);
  expect({ isApplied, counts }).toEqual({ isApplied: false, counts: { created: 1, changed: 0, unchanged: 0, refused: 12 } });
  const sentences = told
    .filter(({ result }: { result: string }) => result === 'refused')
    .map((line: { line: number; column?: string; sentence: string }) => [line.line, line.column, line.sentence]);
  expect(sentences).toEqual([
    [3, undefined, expect.stringMatching(/autre type/)],
    [4, 'rpps', expect.stringMatching(/RPPS d’une personne/)],
    [5, undefined, expect.stringMatching(/Aucune boîte/)],
    [6, undefined, expect.stringMatching(/pas possible d’une boîte ouverte/)],
    [7, 'adresse', expect.stringMatching(/domaine professionnel tenu ici/)],
    [8, 'liste_rouge', expect.stringMatching(/ne prend rien/)],
    [9, 'action', expect.stringMatching(/^Les actions sont/)],
    [10, 'liste_rouge', expect.stringMatching(/oui ou non/)],
    [11, undefined, expect.stringMatching(/^Guillemets/)],
    [12, undefined, '5 cases au lieu de 6.'],
    [13, 'action', expect.stringMatching(/^Rien n’est à modifier/)],
    [14, 'adresse', expect.stringMatching(/forme d’un matricule/)],
  ]);
  expect(await known(ours)).toBeUndefined();

  const going = await bulk(path, '--keep-going');
  expect(going).toMatchObject({
    exitCode: 1,
    err: '',
    out: expect.stringMatching(/^Fait, sauf les lignes refusées\.\n1 boîte inscrite, .* 12 refusées\.\n/),
  });
  expect(await known(ours)).toMatchObject({ type: 'ORG', state: 'active' });
});

test('a file that is none of ours is refused as a whole', async () => {
  expect(await bulk(join(folder, 'absent.csv'))).toEqual(refused(/n’existe pas/));
  expect(await bulk(folder)).toEqual(refused(/ne peut pas être lu/));
  expect(await bulk(await file('a.csv', ['adresse;type']))).toEqual(refused(/dont « action » et « adresse »/));
  expect(await bulk(await file('b.csv', ['action;adresse;couleur']))).toEqual(refused(/^La colonne 3 n’est pas connue/));
  expect(await bulk(await file('c.csv', ['action;adresse;action']))).toEqual(refused(/deux fois/));
  const latin = join(folder, 'latin.csv');
  await writeFile(latin, Buffer.from('action;adresse;libellé\n', 'latin1'));
  expect(await bulk(latin)).toEqual(refused(/UTF-8/));
});

/** Lines of an extraction with these cells, under the header that an export writes. */
async function extraction(name: string, rows: readonly Readonly<Record<string, string>>[]): Promise<string> {
  const { out } = await town.here('directory', 'export', 'extraction');
  const columns = (out.split('\n')[0] ?? '').split('|');
  const lines = rows.map((row) => columns.map((column) => row[column] ?? '').join('|'));
  return file(name, [columns.join('|'), ...lines]);
}

const elsewhere = (number: number) => ({
  'Type de BAL': 'ORG',
  'Adresse BAL': `service-${number}@ailleurs.mssante.fr`,
  'Type identifiant structure': '1',
  'Identification structure': '1750000001',
  'Raison sociale structure BAL': 'Hôpital d’ailleurs',
  Dématérialisation: 'O',
});

test('requirement 24: the national extraction is tried, imported, listed with its rejects, and exported', async () => {
  const path = await extraction('extraction.txt', [elsewhere(1), elsewhere(2), { ...elsewhere(3), 'Type de BAL': 'FAX' }]);
  const tried = await town.here('directory', 'import-extraction', path, '--dry-run', '--progress');
  expect(tried).toMatchObject({ exitCode: 0, err: expect.stringMatching(/^Lecture {2}/) });
  expect(tried.out).toContain('Essai : rien n’est changé.');
  expect(await known(address('service-1@ailleurs.mssante.fr'))).toBeUndefined();
  const run = await town.here('directory', 'import-extraction', path, '--by', 'jdupont');
  expect(run).toMatchObject({ exitCode: 0, err: '' });
  expect(run.out).toMatch(/^Le fichier est appliqué :\n/);
  expect(run.out).toMatch(/^2\s+ajoutées\s+service-1@ailleurs\.mssante\.fr, service-2/m);
  expect(run.out).toMatch(/^4\s+\S.*refusée\s+Le type de boîte/m);
  expect(await known(address('service-1@ailleurs.mssante.fr'))).toMatchObject({ isHosted: false, type: 'ORG' });
  expect((await town.here('address', 'show', 'service-1@ailleurs.mssante.fr')).out).toContain('tenue par un autre opérateur');
  expect(await town.here('address', 'suspend', 'service-1@ailleurs.mssante.fr')).toEqual(refused(/Aucune boîte/));

  const imports = JSON.parse((await town.here('directory', 'imports', '--json')).out);
  expect(imports[0]).toMatchObject({ kind: 'extraction', source: 'extraction.txt', state: 'applied', refused: 1 });
  const detail = await town.here('directory', 'imports', String(imports[0].importId));
  expect(detail.out).toContain('2 lignes prises sur 4, 1 refusée, aucune avec une remarque.');
  expect(detail.out).toMatch(/^1\s+Le type de boîte/m);
  expect(await town.here('directory', 'imports', '999999')).toEqual(refused(/Aucun import/));

  const output = join(folder, 'export.txt');
  expect(await town.here('directory', 'export', 'extraction', '--all', '--output', output)).toMatchObject({ exitCode: 0, err: '' });
  expect(await readFile(output, 'utf8')).toContain('|service-2@ailleurs.mssante.fr|');
  expect((await stat(output)).mode & 0o777).toBe(0o600);
  expect((await town.here('directory', 'export', 'extraction')).out).not.toContain('ailleurs.mssante.fr');
});

test('a damaged extraction that would withdraw nearly everything is refused, and taken when it is insisted on', async () => {
  const path = await extraction('court.txt', [elsewhere(9)]);
  const run = await town.here('directory', 'import-extraction', path);
  expect(run).toMatchObject({
    exitCode: 1,
    err: '',
    out: expect.stringMatching(/^Rien n’est changé : ce fichier retirerait plus d’une adresse sur cinq/),
  });
  expect(await known(address('service-1@ailleurs.mssante.fr'))).toMatchObject({ isPublished: true });
  expect(await town.here('directory', 'import-extraction', path, '--force')).toMatchObject({ exitCode: 0 });
  expect(await known(address('service-1@ailleurs.mssante.fr'))).toMatchObject({ isPublished: false });
  expect(await town.here('directory', 'import-extraction', join(folder, 'absent.txt'))).toEqual(refused(/n’existe pas/));
  expect(await town.here('directory', 'import-extraction', await file('vide.txt', ['rien']))).toEqual(refused(/en-tête/));
});

test('an import that is interrupted from the keyboard says so, and the same file given again goes on where it was', async () => {
  const count = 20_000;
  const path = await file('longue.txt', [publishedHeader, ...extractionLines(count)]);
  const child = startCli(['directory', 'import-extraction', path, '--force'], town.environment);
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  child.stdin.end();
  const closed = once(child, 'close');
  const record = () => town.db.selectFrom('imports').selectAll().where('source', '=', 'longue.txt').executeTakeFirst();
  await until('a batch of lines is read', async () => Number((await record())?.lines_done ?? 0) > 1 || child.exitCode !== null, 60_000);
  child.kill('SIGINT');
  await closed;
  const before = await record();
  // On a machine that is quick for a moment it may have been done by then.
  if (before?.state === 'reading') {
    expect(child.signalCode).toBe('SIGINT');
    expect(said).toContain('lecture non terminée');
    expect(said).toContain('reprend où il en était');
  }
  const run = await town.here('directory', 'import-extraction', path, '--force', '--json');
  expect(JSON.parse(run.out)).toMatchObject({ result: 'applied', record: { linesDone: count + 1 } });
  if (before?.state === 'reading') expect(JSON.parse(run.out).record.importId).toBe(before.import_id);
}, 300_000);

const newborn = `1990175000001${insKey('1990175000001')}`;

test('citizens come from a file and go into one, and nothing of them is said on the way', async () => {
  const lines = [
    'matricule;nom_naissance;premier_prenom;date_naissance;sexe;etat',
    `${newborn};FICTIF-LIVRE;ALEX;1999-01-02;M;cree`,
    `${newborn.slice(0, 13)}00;FICTIF-FAUX;ALEX;1999-01-02;M;cree`,
  ];
  const path = await file('citoyens.csv', lines);
  const tried = await town.here('directory', 'import-citizens', path, '--dry-run');
  expect(tried).toMatchObject({ exitCode: 0, err: '', out: expect.stringMatching(/^Essai[\s\S]*1 citoyen inscrit/) });
  expect(await town.here('citizen', 'show', newborn)).toEqual(refused(/Aucun citoyen/));
  const run = await town.here('directory', 'import-citizens', path);
  expect(run).toMatchObject({ exitCode: 0, err: '', out: expect.stringMatching(/1 citoyen inscrit[\s\S]*1 ligne refusée/) });
  expect(`${tried.out}${run.out}`).not.toMatch(/\d{13}|FICTIF/);
  expect((await town.here('citizen', 'show', newborn)).out).toMatch(/^Alex FICTIF-LIVRE/);

  const output = join(folder, 'citoyens.ldif');
  const exported = await town.here('directory', 'export', 'citizens', '--form', 'ldif', '--output', output, '--json');
  expect(JSON.parse(exported.out)).toMatchObject({ what: 'citizens', lines: expect.any(Number) });
  expect(await readFile(output, 'utf8')).toContain(newborn);
  const csv = await runCli(['directory', 'export', 'citizens'], { environment: town.environment });
  expect(csv).toMatchObject({ exitCode: 0, err: '' });
  expect(csv.out).toContain(newborn);
});

test.each([
  ['export nothing', ['export', 'rien']],
  ['export citizens of elsewhere', ['export', 'citizens', '--all']],
  ['answer a program on an output that is taken', ['export', 'extraction', '--json']],
  ['read a form that is none', ['import-citizens', 'x', '--form', 'xml']],
  ['look up what is neither', ['lookup', 'quelqu’un']],
  ['tell of an import without a number', ['imports', 'dernier']],
])('asked to %s, the command says what it expects', async (_, words) => {
  expect(await town.here('directory', ...words)).toEqual(misunderstood(/\.\n$/));
});

test('an export to where nothing can be written leaves nothing behind', async () => {
  expect(await town.here('directory', 'export', 'extraction', '--output', join(folder, 'absent', 'x.txt'))).toEqual(refused(/ENOENT/));
});

test('who an address or a matricule belongs to is told, here and elsewhere, without a matricule', async () => {
  const lookUp = (who: string) => town.here('directory', 'lookup', who);
  expect(await lookUp(town.doctor)).toMatchObject({
    exitCode: 0,
    out: expect.stringMatching(/^Ici : Dr Camille ESSAI-0, boîte PER, ouverte\./),
  });
  expect(await lookUp(localPart(town.citizen))).toMatchObject({
    exitCode: 0,
    out: expect.stringMatching(/^Ici : Dominique FICTIF-0, citoyen, /),
  });
  expect(await lookUp(at('inconnue'))).toMatchObject({ exitCode: 1 });
  expect(await lookUp('quelquun@loin.test')).toMatchObject({
    exitCode: 1,
    out: expect.stringMatching(/aucune liste blanche n’est réglée/),
  });
  expect(await lookUp(`1150675100005${insKey('1150675100005')}`)).toEqual(refused(/Nul ne le connaît/));
});
