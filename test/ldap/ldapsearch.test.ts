// Debian's ldapsearch, a client we did not write, against the door.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testCertificate } from '../support/tls.ts';
import { baseDn, citizensDomain, dominique, type LdapWorld, ldapWorld, lea, password } from './ldap-world.ts';

let world: LdapWorld;
let folder: string;
beforeAll(async () => {
  world = await ldapWorld();
  folder = await mkdtemp(join(tmpdir(), 'passerelle-ldapsearch-'));
  await writeFile(join(folder, 'authority.pem'), testCertificate().cert);
});
afterAll(async () => {
  expect(world.failures).toEqual([]);
  await world.close();
  await rm(folder, { recursive: true });
});

type Run = { readonly code: number; readonly out: string };

function run(program: string, ...args: string[]): Promise<Run> {
  const env = { ...process.env, LDAPTLS_CACERT: join(folder, 'authority.pem'), LDAPTLS_REQCERT: 'demand' };
  return new Promise((resolve) => {
    execFile(program, args, { env, timeout: 60_000 }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, out: stdout + stderr });
    });
  });
}

const secure = () => ['-x', '-LLL', '-o', 'ldif_wrap=no', '-H', `ldaps://127.0.0.1:${world.tlsPort}`];
const asLea = () => [...secure(), '-D', `mail=${lea},ou=professionnels,${baseDn}`, '-w', password];
const dns = (out: string) => out.split('\n').filter((line) => line.startsWith('dn: '));

test('requirement 23: ldapsearch over TLS finds a professional', async () => {
  const { code, out } = await run('ldapsearch', ...asLea(), '-b', baseDn, '(sn=durand)');
  expect(code).toBe(0);
  expect(dns(out)).toHaveLength(1);
  expect(out).toContain('mssSpeciality: Cardiologie');
});

test('requirement 23: the same after StartTLS; without it, not a word', async () => {
  const door = [
    '-x',
    '-LLL',
    '-H',
    `ldap://127.0.0.1:${world.startTlsPort}`,
    '-D',
    lea,
    '-w',
    password,
    '-b',
    baseDn,
    '(sn=durand)',
    'mail',
  ];
  expect(await run('ldapsearch', '-ZZ', ...door)).toMatchObject({ code: 0, out: expect.stringContaining('mail: paul.durand@') });
  expect(await run('ldapsearch', ...door)).toMatchObject({ code: 13, out: expect.stringContaining('Confidentiality required') });
});

test('RFC 2696: ldapsearch reads page by page', async () => {
  const { code, out } = await run('ldapsearch', ...asLea(), '-E', 'pr=2/noprompt', '-b', baseDn, 'mail');
  expect(code).toBe(0);
  expect(dns(out)).toHaveLength(7);
});

test('limits: -z, and -l, which is enough here', async () => {
  const limited = await run('ldapsearch', ...asLea(), '-z', '2', '-b', `ou=professionnels,${baseDn}`, '-s', 'one');
  expect(limited).toMatchObject({ code: 4, out: expect.stringContaining('Size limit exceeded') });
  expect(dns(limited.out)).toHaveLength(2);
  expect((await run('ldapsearch', ...asLea(), '-l', '5', '-b', baseDn, '(sn=martin)')).code).toBe(0);
});

test('the root DSE and the schema are read by whoever asks, bound or not', async () => {
  const root = await run('ldapsearch', ...secure(), '-b', '', '-s', 'base', '+');
  expect(root.out).toContain(`namingContexts: ${baseDn}`);
  const schema = await run('ldapsearch', ...secure(), '-b', 'cn=Subschema', '-s', 'base', 'attributeTypes', 'objectClasses');
  expect(schema.out).toContain("NAME 'mssPatient'");
});

test('a wrong password, an unknown place, ldapwhoami, and what would write', async () => {
  expect(await run('ldapsearch', ...secure(), '-D', lea, '-w', 'wrong', '-b', baseDn)).toMatchObject({ code: 49 });
  expect(await run('ldapsearch', ...asLea(), '-b', 'o=autre')).toMatchObject({ code: 32 });
  expect(await run('ldapwhoami', '-x', ...secure().slice(4), '-D', lea, '-w', password)).toMatchObject({
    code: 0,
    out: expect.stringContaining(`dn:mail=${lea}`),
  });
  expect(await run('ldapdelete', '-x', ...secure().slice(4), '-D', lea, '-w', password, baseDn)).toMatchObject({ code: 53 });
});

test('requirement 23: a patient by birth name, first given name and birth date, accents and hyphens aside', async () => {
  const filter = '(&(sn=Pat Trois)(givenName=Dominique)(mssBirthDate=1979-03-28))';
  const { code, out } = await run('ldapsearch', ...asLea(), '-b', `ou=patients,${baseDn}`, filter, 'mail', 'mssBoxState');
  expect(code).toBe(0);
  expect(out).toContain(`mail: ${dominique}@${citizensDomain}`);
  expect(out).toContain('mssBoxState: created');
});
