// The address book of a running gateway, as Debian's ldapsearch sees it: StartTLS with the authority checked, served by two processes.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Address } from '../../src/core/address.ts';
import { connect } from '../../src/database/connect.ts';
import type { Db } from '../../src/database/tables.ts';
import { type GatewayHome, GatewayProcess, makeGatewayHome } from '../support/gateway-process.ts';
import { workersOf } from '../support/gateway-workers.ts';
import { setState } from '../support/set-state.ts';
import { until } from '../support/until.ts';

const baseDn = 'o=mssante,c=fr';

let home: GatewayHome;
let gateway: GatewayProcess;
let db: Db;
beforeAll(async () => {
  home = await makeGatewayHome();
  const environment = { PASSERELLE_WORKERS: '2', PASSERELLE_LDAP_CITIZEN_QUESTIONS_PER_HOUR: '5' };
  gateway = await GatewayProcess.start(home, { crowd: { doctors: 3, citizens: 2 }, environment });
  db = connect({ ...gateway.report.connection, poolSize: 2 });
});
afterAll(async () => {
  await db?.destroy();
  await gateway?.destroy();
  await home?.remove();
});

type Run = { readonly code: number; readonly out: string };
type Someone = { readonly address: Address; readonly password: string };

const doctor = (at: number): Someone => gateway.report.crowd?.doctors[at] ?? expect.fail();
const citizen = (at: number): Someone => gateway.report.crowd?.citizens[at] ?? expect.fail();

/** Asks after StartTLS, which must succeed (-ZZ). */
function search({ address, password }: Someone, filter: string, door = `ldap://127.0.0.1:${gateway.report.ports.ldap}`): Promise<Run> {
  const env = { ...process.env, LDAPTLS_CACERT: join(home.folder, 'authority', 'authority.crt'), LDAPTLS_REQCERT: 'demand' };
  const startTls = door.startsWith('ldaps:') ? [] : ['-ZZ'];
  const args = [...startTls, '-x', '-LLL', '-o', 'ldif_wrap=no', '-H', door, '-D', address, '-w', password, '-b', baseDn, filter, 'mail'];
  return new Promise((resolve) => {
    execFile('ldapsearch', args, { env, timeout: 60_000 }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, out: stdout + stderr });
    });
  });
}

const found = ({ out }: Run) => out.match(/^mail: .*$/gm)?.map((line) => line.slice('mail: '.length)) ?? [];

test('requirement 23: ldapsearch -ZZ finds a colleague, whichever of the two processes answers', async () => {
  expect(await workersOf(gateway.pid)).toHaveLength(2);
  for (const door of [undefined, `ldaps://127.0.0.1:${gateway.report.ports.ldapTls}`]) {
    for (let run = 0; run < 3; run += 1) {
      const answer = await search(doctor(0), '(sn=essai-1)', door);
      expect(answer).toMatchObject({ code: 0 });
      expect(found(answer)).toEqual([doctor(1).address]);
    }
  }
  expect(await search({ ...doctor(0), password: 'wrong' }, '(sn=essai-1)')).toMatchObject({ code: 49 });
  expect(await search(citizen(0), '(sn=essai-1)')).toMatchObject({ code: 50 });
});

test('requirement 58: both processes count the same questions about citizens, and each one asked leaves its trace', async () => {
  const filter = '(&(sn=fictif-1)(givenName=dominique)(mssBirthDate=1990-01-15))';
  const answers = await Promise.all(Array.from({ length: 8 }, () => search(doctor(0), filter)));
  expect(answers.map(({ code }) => code).sort((a, b) => a - b)).toEqual([0, 0, 0, 0, 0, 11, 11, 11]);
  for (const answer of answers) if (answer.code === 0) expect(found(answer)).toEqual([citizen(1).address]);
  expect(await search(doctor(1), filter)).toMatchObject({ code: 0 });
  const traces = await db.selectFrom('citizen_questions').select(['by', 'kind', 'outcome']).orderBy('question_id').execute();
  const ofFirst = traces.filter(({ by }) => by === doctor(0).address);
  expect(ofFirst.filter(({ outcome }) => outcome === 'one')).toHaveLength(5);
  expect(ofFirst.filter(({ outcome }) => outcome === 'too-many')).toHaveLength(1);
  expect(traces.filter(({ by, outcome }) => by === doctor(1).address && outcome === 'one')).toHaveLength(1);
});

test('requirement 21: a colleague who is suspended is in nobody’s address book from then on, nor can they search it', async () => {
  await setState(db, doctor(2).address, 'suspended');
  for (let run = 0; run < 4; run += 1) expect(found(await search(doctor(1), '(sn=essai-2)'))).toEqual([]);
  await until('the door is shut to them', async () => (await search(doctor(2), '(sn=essai-1)')).code === 49);
});
