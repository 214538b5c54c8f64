// Wherever somebody is: our own registry first, then a region's directory in slapd, then the list of those who are in the space.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openLookUp } from '../../directory/open-look-up.ts';
import { configSchema } from '../../src/config/schema.ts';
import { type Address, parseAddress } from '../../src/core/address.ts';
import { openTown, people } from '../support/one-path.ts';
import { regionBase, regionCitizens, regionDoctor, startRegion, strangersIns } from '../support/region.ts';
import type { TestSlapd } from '../support/slapd.ts';

let town: Awaited<ReturnType<typeof openTown>>;
let slapd: TestSlapd;
beforeAll(async () => {
  [town, slapd] = await Promise.all([openTown(), startRegion()]);
});
afterAll(() => Promise.all([town?.close(), slapd?.stop()]));

/** `peers` absent: nobody is known to be in the space. */
async function lookUpWith(urls: readonly string[], peers?: Readonly<Record<string, readonly string[]>>) {
  const config = configSchema.parse({
    hostedDomains: { professionals: ['medecin.test.mssante.fr'] },
    directory: { upstreams: { region: { urls, baseDn: regionBase, authorityFile: slapd.authorityFile } } },
    smtp: { mx: peers ? { peers } : {} },
  });
  return await openLookUp(config, town.db);
}

const peers = { 'chu.region.mssante.fr': ['mx.region.mssante.fr'], 'clinique.mssante.fr': ['mx.clinique.mssante.fr'] };

test('who is here is told from here; who is not, from elsewhere; and our own domains are known here alone', async () => {
  const lookUp = await lookUpWith([slapd.ldapsUrl], peers);
  try {
    // The region knows the first of them too, and our own registry comes first.
    expect(await lookUp.byIns(regionCitizens.open)).toMatchObject({ found: 'here', holder: { kind: 'citizen', address: people.citizen } });
    expect(await lookUp.byAddress(people.doctor)).toMatchObject({ found: 'here', holder: { kind: 'professional' } });
    expect(await lookUp.byIns(regionCitizens.twin)).toEqual({ found: 'several' });
    expect(await lookUp.byAddress(address(regionDoctor))).toMatchObject({ found: 'elsewhere', entry: { from: 'region', isStale: false } });
    expect(await lookUp.byIns(strangersIns)).toEqual({ found: 'nobody', isCertain: true });
    const nobodyHere = { found: 'nobody', isCertain: true };
    expect(await lookUp.byAddress(address('personne@medecin.test.mssante.fr'))).toEqual(nobodyHere);
    expect(await lookUp.byAddress(address(`${strangersIns}@patient.mssante.fr`))).toEqual(nobodyHere);
  } finally {
    lookUp.close();
  }
});

test('requirement 24: of an address nobody knows, the list says whether its domain is in the space', async () => {
  const unknown = { found: 'nobody', isCertain: true };
  const listed = await lookUpWith([slapd.ldapsUrl], peers);
  const unlisted = await lookUpWith([slapd.ldapsUrl]);
  try {
    expect(await listed.byAddress(address('x@clinique.mssante.fr'))).toEqual({ ...unknown, domain: 'listed' });
    expect(await listed.byAddress(address('x@ailleurs.example'))).toEqual({ ...unknown, domain: 'not-listed' });
    expect(await listed.byAddress(address('x@constructor.example'))).toEqual({ ...unknown, domain: 'not-listed' });
    expect(await unlisted.byAddress(address('x@clinique.mssante.fr'))).toEqual({ ...unknown, domain: 'unknown' });
  } finally {
    listed.close();
    unlisted.close();
  }
});

test('a directory that does not answer leaves a doubt, and the list its word', async () => {
  const lookUp = await lookUpWith(['ldap://127.0.0.1:9'], peers);
  try {
    expect(await lookUp.byIns(strangersIns)).toEqual({ found: 'nobody', isCertain: false });
    expect(await lookUp.byAddress(address('x@clinique.mssante.fr'))).toEqual({ found: 'nobody', isCertain: false, domain: 'listed' });
    expect(await lookUp.byAddress(people.doctor)).toMatchObject({ found: 'here' });
  } finally {
    lookUp.close();
  }
});

function address(text: string): Address {
  const parsed = parseAddress(text);
  if (!parsed) throw new Error('Not an address');
  return parsed;
}
