// The directory of a fictional region, in slapd: a few citizens and professionals in entries of our own schema, and the settings with which
// it is asked. All people are made up.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openUpstreams } from '../../directory/upstream/open-upstreams.ts';
import type { UpstreamDirectories } from '../../directory/upstream/upstream-directories.ts';
import { configSchema } from '../../src/config/schema.ts';
import { type Ins, parseIns } from '../../src/core/ins.ts';
import { ldifOf } from './ldif.ts';
import { type SlapdOptions, startSlapd, type TestSlapd } from './slapd.ts';

/** The suffix of the region. */
export const regionBase = 'o=region,c=fr';

/** Our own schema, as OpenLDAP reads it. */
export const schemaFile = fileURLToPath(new URL('../../src/ldap/schema/passerelle.schema', import.meta.url));

/** Citizens of the region: `open` has a mailbox, `shut` had one, `twin` has two. */
export const regionCitizens = { open: ins('279035121518989'), shut: ins('277076322082910'), twin: ins('280066322082941') };

/** Nobody in the region has it. */
export const strangersIns = ins('255067530004505');

/** A doctor who has an entry for each of two places, and one mailbox. */
export const regionDoctor = 'helene.d-aubigne@chu.region.mssante.fr';

const entries = [
  { dn: regionBase, objectClass: ['organization'], o: ['region'] },
  { dn: `ou=patients,${regionBase}`, objectClass: ['organizationalUnit'], ou: ['patients'] },
  citizen('a', 'PAT-TROIS', 'Dominique', regionCitizens.open, 'activated', [
    'autre@patient.region.mssante.fr',
    `${regionCitizens.open}@patient.region.mssante.fr`,
  ]),
  citizen('b', 'NESSI', 'Ruth', regionCitizens.shut, 'closed', []),
  citizen('c', 'JUMEAU', 'Paul', regionCitizens.twin, 'created', ['un@patient.region.mssante.fr']),
  citizen('d', 'JUMEAU', 'Paul', regionCitizens.twin, 'created', ['deux@patient.region.mssante.fr']),
  doctor('CHU de Test'),
  doctor('Cabinet de Test'),
];

const regionLdif = entries.map(({ dn, ...attributes }) => ldifOf(dn, attributes)).join('');

/** A slapd with the region in it; anybody under TLS may read. */
export function startRegion(options: Partial<SlapdOptions> = {}): Promise<TestSlapd> {
  return startSlapd({ ldif: regionLdif, suffix: regionBase, schemas: [schemaFile], ...options });
}

/** What was told of the directories while they were asked. */
export type Told = { readonly outcomes: string[]; readonly failures: { directory: string; server: number; because: string }[] };

/** The directories of settings, with what they tell. Files are written for the time of the test. */
export type AskedUpstreams = { readonly upstreams: UpstreamDirectories; readonly told: Told; close(): Promise<void> };

/** Settings of one directory; only `urls` has no default here. */
export type UpstreamSettings = Readonly<Record<string, unknown>> & { readonly urls: readonly string[] };

/** How they are asked, when not as the region's own account with `slapd` trusted. `authority` is PEM. */
export type AskedAs = { readonly slapd?: TestSlapd; readonly authority?: string; readonly password?: string; readonly now?: () => Date };

/** Opens directories by name. */
export async function askUpstreams(
  byName: Readonly<Record<string, UpstreamSettings>>,
  { slapd, authority, password = slapd?.account.password, now = () => new Date() }: AskedAs = {},
): Promise<AskedUpstreams> {
  const folder = await mkdtemp(join(tmpdir(), 'passerelle-upstream-'));
  const bindPasswordFile = join(folder, 'password');
  await writeFile(bindPasswordFile, `${password}\n`);
  const authorityFile = authority === undefined ? slapd?.authorityFile : join(folder, 'authority.crt');
  if (authority !== undefined) await writeFile(join(folder, 'authority.crt'), authority);
  const common = {
    baseDn: regionBase,
    ...(slapd && { authorityFile, bindDn: slapd.account.dn, bindPasswordFile }),
  };
  const told: Told = { outcomes: [], failures: [] };
  const { directory } = configSchema.parse({
    directory: { upstreams: Object.fromEntries(Object.entries(byName).map(([name, settings]) => [name, { ...common, ...settings }])) },
  });
  const events = {
    upstreamAsked: ({ outcome }: { outcome: string }) => void told.outcomes.push(outcome),
    upstreamFailed: (failure: Told['failures'][number]) => void told.failures.push(failure),
  };
  const upstreams = await openUpstreams(directory, events, now);
  return {
    upstreams,
    told,
    async close() {
      upstreams.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

type Entry = Readonly<Record<string, string | readonly string[]>> & { readonly dn: string };

function citizen(uid: string, sn: string, givenName: string, mssINS: Ins, mssBoxState: string, mail: readonly string[]): Entry {
  return {
    dn: `uid=${uid},ou=patients,${regionBase}`,
    objectClass: ['inetOrgPerson', 'mssPatient'],
    uid: [uid],
    cn: [`${givenName} ${sn}`],
    sn: [sn],
    mssINS: [mssINS],
    mssBoxState: [mssBoxState],
    mail,
  };
}

function doctor(place: string): Entry {
  return {
    dn: `cn=Hélène d’Aubigné \\, ${place},${regionBase}`,
    objectClass: ['inetOrgPerson', 'mssMailbox'],
    cn: [`Hélène d’Aubigné , ${place}`],
    displayName: ['Dr Hélène d’AUBIGNÉ'],
    sn: ['d’Aubigné'],
    mssBoxType: ['PER'],
    mail: [regionDoctor],
  };
}

function ins(text: string): Ins {
  const parsed = parseIns(text);
  if (!parsed) throw new Error('Not a matricule');
  return parsed;
}
