// The copies of documents as an operator sees them, and the citizen who wants none. Requirements 52 and 54.
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { inTransaction } from '../../mailboxes/in-transaction.ts';
import { newId } from '../../src/core/ids.ts';
import { writeLedger } from '../../src/delivery/ledger.ts';
import { closeDocument, registerDocuments } from '../../src/dmp/record-documents.ts';
import { anEntry } from '../dmp/an-entry.ts';
import { openCliTown } from './cli-town.ts';

vi.setConfig({ testTimeout: 120_000 });

let town: Awaited<ReturnType<typeof openCliTown>>;
const letterId = newId();
const at = new Date('2026-11-22T08:00:00Z');
beforeAll(async () => {
  town = await openCliTown();
  await inTransaction(town.db, async (trx) => {
    const line = { letterId, recipient: town.colleague, sender: town.doctor, messageId: '<lettre@medecins.test>', notify: undefined, at };
    await writeLedger(trx, [{ ...line, state: 'delivered' }]);
    const brought = ['1.2.1', '1.2.2', '1.2.3'].map((uniqueId, index) => ({ uniqueId, letterId, place: index + 1, citizenId: 1 }));
    await registerDocuments(trx, brought, at);
    const fed = { do: 'fed', entry: anEntry(), entryUuid: 'urn:uuid:1', sha1: Buffer.alloc(20), citizenId: 1 } as const;
    await closeDocument(trx, '1.2.1', { ...fed, isHidden: true }, at);
    await closeDocument(trx, '1.2.2', { do: 'refused', code: 'XDSUnknownPatientId' }, at);
  });
}, 120_000);
afterAll(() => town.close());

test('trace says below the recipients what became of each copy, in words; a hidden document is a copy like any other', async () => {
  const { out } = await town.run('trace lettre@medecins.test');
  expect(out).toContain(
    [
      '',
      'Document 1 : Copie déposée dans le dossier médical partagé (Mon espace santé) le 22 novembre 2026 à 09:00.',
      'Document 2 : Pas de copie dans le dossier médical partagé (Mon espace santé) : l’identité portée par le document n’est pas celle que ce dossier attend.',
      'Document 3 : Copie vers le dossier médical partagé (Mon espace santé) en cours.',
      '',
    ].join('\n'),
  );
  const json = (await town.ask(`trace ${letterId}`)) as { state: string; copies: { place: number; state: string }[] }[];
  expect(json).toMatchObject([{ state: 'delivered', copies: [{ state: 'fed' }, { state: 'refused' }, { state: 'waiting' }] }]);
  expect(JSON.stringify(json)).not.toMatch(/PATIENT\^TEST|279035121518989/);
});

test('requirement 54: dmp list shows what waits or was refused, dmp show what was tried', async () => {
  const listed = await town.run('dmp list');
  expect(listed.out).toMatch(/^2 documents\.\n\nDocument +Courrier +Connu +Copie +Code\n/);
  expect(listed.out).toMatch(/^1\.2\.2 .* refusé +XDSUnknownPatientId$/m);
  expect(await town.ask('dmp list --state fed')).toMatchObject([{ uniqueId: '1.2.1', state: 'fed' }]);
  expect(await town.run('dmp list --state autre')).toMatchObject({ exitCode: 2, out: '' });
  const shown = await town.run('dmp show lettre@medecins.test');
  expect(shown.out).toContain('Document 2 (1.2.2)\n');
  expect(shown.out).toContain('  22/11/2026 09:00  XDSUnknownPatientId\n');
  expect(await town.run('dmp show autre@medecins.test')).toMatchObject({ exitCode: 1, out: '' });
});

test('requirement 52: a citizen objects once, is shown to, and may take it back', async () => {
  const asking = { typed: `${town.citizen}\n` };
  expect((await town.run('dmp status -', asking)).out).toContain(
    'Ce citoyen ne s’oppose pas aux copies.\nCette passerelle ne fait aucune copie',
  );
  expect((await town.run('dmp object - --by accueil', asking)).out).toContain('ne sont plus copiés');
  expect(await town.ask('dmp object -', asking.typed)).toMatchObject({ changed: false });
  expect((await town.run('dmp status -', asking)).out).toMatch(/^Ce citoyen s’oppose aux copies depuis le .* \(noté par accueil\)\.$/m);
  expect((await town.run('dmp allow -', asking)).out).toContain('des prochains courriers');
  expect(await town.ask('dmp allow -', asking.typed)).toMatchObject({ changed: false });
});
