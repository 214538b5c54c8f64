// Requirements 7, 8, 9 and 14: which certificate may present which envelope domain.
import { X509Certificate } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { openDevAuthority } from '../../certs/dev-authority.ts';
import { isPeerAllowed, isPeerListed, makePeerTable, peerName } from '../../certs/peer-identity.ts';

const folder = await mkdtemp(join(tmpdir(), 'passerelle-peers-'));
afterAll(() => rm(folder, { recursive: true }));

const table = makePeerTable({
  'Mssante.Apicrypt.org': 'relais.apicrypt.org',
  'chu.mssante.fr': ['relais1.chu.fr', '"relais2.chu.fr" '],
});

describe('isPeerAllowed()', () => {
  test.each([
    ['mssante.apicrypt.org', 'relais.apicrypt.org', true, 'requirement 8: the listed pair'],
    ['MSSANTE.APICRYPT.ORG', 'Relais.Apicrypt.Org', true, 'case does not matter'],
    ['chu.mssante.fr', 'relais2.chu.fr', true, 'requirement 7: any of several names'],
    ['chu.mssante.fr', 'relais.apicrypt.org', false, 'requirement 7: a name bound to another domain'],
    ['evil.mssante.fr', 'relais1.chu.fr', false, 'requirement 8: an unlisted domain'],
    ['evil.chu.mssante.fr', 'relais1.chu.fr', false, 'requirement 8: no suffix matching'],
    ['mssante.fr', 'relais1.chu.fr', false, 'requirement 8: no parent either'],
    ['chu.mssante.fr', '', false, 'a certificate without a name'],
    ['', 'relais1.chu.fr', false, 'no domain'],
  ])('%s by %s is %s: %4$s', (domain, name, expected) => {
    expect(isPeerAllowed(domain, name, table)).toBe(expected);
  });
});

test('requirement 17: any name of the table is a listed peer, others are not', () => {
  expect(isPeerListed('relais2.chu.fr', table)).toBe(true);
  expect(isPeerListed('autre.fr', table)).toBe(false);
});

test.each([[{ '': 'a.fr' }], [{ 'a.fr': '' }], [{ 'a.fr': [] }]])('a table with an empty side is refused: %j', (bindings) => {
  expect(() => makePeerTable(bindings)).toThrow(/empty domain or certificate name/);
});

test('the name of a certificate is its common name, and an organisation cannot forge one', async () => {
  const authority = await openDevAuthority(folder);
  const credential = await authority.peerCredential({
    relayName: 'Relais.Operateur.fr',
    structureId: '1999999999',
    organisation: 'Clinique\nCN=relais1.chu.fr',
  });
  expect(peerName(new X509Certificate(credential.cert))).toBe('relais.operateur.fr');
});
