// A running gateway feeds its registry from the folder and the file of its settings: killed in the middle it goes on, everybody is taken
// once, and who came that way is written to, found and signs in like anybody else. Requirements 21, 24 and 35.
import { mkdir, readdir, readFile, rename, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import { Client } from 'ldapts';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { citizenAddress } from '../../directory/citizen-addresses.ts';
import { issueApplicationPassword } from '../../src/accounts/application-passwords.ts';
import { loadPepper } from '../../src/accounts/pepper.ts';
import { type Ins, insKey } from '../../src/core/ins.ts';
import { connect } from '../../src/database/connect.ts';
import type { Db } from '../../src/database/tables.ts';
import { writeFeed } from '../scale/feed-files.ts';
import { fictionalCitizen } from '../scale/fictional-citizens.ts';
import type { Crowd } from '../support/crowd.ts';
import { extractionLines, publishedHeader } from '../support/extraction-lines.ts';
import { type GatewayHome, GatewayProcess, makeGatewayHome } from '../support/gateway-process.ts';
import { ImapReader } from '../support/imap-reader.ts';
import { SmtpClient } from '../support/smtp-client.ts';
import { until } from '../support/until.ts';

vi.setConfig({ testTimeout: 400_000, hookTimeout: 200_000 });

const citizens = 60_000;
const listedLines = 2000;
/** The longest wait for the next look into the folder, and a slow machine besides. */
const patientMs = 300_000;

let home: GatewayHome;
let gateway: GatewayProcess;
let db: Db;
let crowd: Crowd;
const feed = (name = '') => join(home.folder, 'feed', name);
/** A file that has stood there for a while: nobody is writing it any more. */
const settle = (file: string) => utimes(file, new Date(0), new Date(0));
const putAway = async () => (await readdir(feed('done')).catch(() => [])).length;

async function start(doctors?: number): Promise<void> {
  gateway = await GatewayProcess.start(home, {
    logFile: join(home.folder, 'log'),
    ...(doctors !== undefined && { crowd: { doctors, citizens: 0 } }),
    environment: {
      PASSERELLE_DIRECTORY_EXTRACTION_SOURCE: join(home.folder, 'extraction.txt'),
      PASSERELLE_DIRECTORY_CITIZEN_FEED_FOLDER: feed(),
      PASSERELLE_DIRECTORY_CITIZEN_FEED_EVERY_MINUTES: '1',
      PASSERELLE_OBSERVE_LOG_LEVEL: 'trace',
    },
  });
  db = connect({ ...gateway.report.connection, poolSize: 2 });
}

beforeAll(async () => {
  home = await makeGatewayHome();
  await mkdir(feed());
  await writeFile(join(home.folder, 'extraction.txt'), `${publishedHeader}\r\n${[...extractionLines(listedLines)].join('\r\n')}\r\n`);
  await writeFeed(feed('1.csv'), 0, citizens);
  await settle(feed('1.csv'));
  await start(1);
  crowd = gateway.report.crowd ?? expect.fail();
});
afterAll(async () => {
  await db?.destroy();
  await gateway?.destroy();
  await home?.remove();
});

const doctor = () => crowd.doctors[0] ?? expect.fail();
const books = async (kind: 'citizens' | 'extraction') =>
  (
    await sql<{ state: string; lines_done: number; lines_taken: number; refused: number; counts: Record<string, number> }>`
      select state, lines_done, lines_taken, refused, counts from imports where kind = ${kind} order by import_id`.execute(db)
  ).rows;
/** The matricule that a feed gives to its last citizen. */
const next = `2790399100001${insKey('2790399100001')}` as Ins;
const openImap = (user: string, password: string) =>
  ImapReader.open({ port: gateway.report.ports.imapTls, ca: home.authority, user, password });

test('a gateway that is killed in the middle of a feed takes everybody, once', async () => {
  await until('the feed has begun', async () => (await books('citizens')).some(({ lines_done }) => lines_done > 0), patientMs);
  gateway.kill();
  await gateway.ended();
  await db.destroy();
  await start();
  await until('the file is put away', async () => (await putAway()) === 1, patientMs);
  const counts = { created: citizens, changed: 0, unchanged: 0 };
  expect(await books('citizens')).toMatchObject([
    { state: 'applied', lines_done: citizens + 1, lines_taken: citizens, refused: 0, counts },
  ]);
  expect((await sql`select count(*) from citizens`.execute(db)).rows).toEqual([{ count: citizens }]);
  expect((await sql`select from directory_history where subject_kind = 'citizen'`.execute(db)).rows).toEqual([]);
});

test('requirement 24: a colleague of the extraction is found in the address book', async () => {
  await until('the extraction is applied', async () => (await books('extraction')).at(-1)?.state === 'applied', patientMs);
  expect(await books('extraction')).toMatchObject([{ lines_done: listedLines + 1 }]);
  const listed = await db.selectFrom('addresses').select('address').where('hosted', '=', false).limit(1).executeTakeFirstOrThrow();
  const client = new Client({ url: `ldaps://localhost:${gateway.report.ports.ldapTls}`, tlsOptions: { ca: home.authority } });
  try {
    await client.bind(doctor().address, doctor().password);
    const { searchEntries } = await client.search('o=mssante,c=fr', { filter: `(mail=${listed.address})` });
    expect(searchEntries).toMatchObject([{ mail: listed.address }]);
  } finally {
    await client.unbind();
  }
});

test('a citizen of the feed is written to, and keeps letters and passwords when the feed brings their matricule for life', async () => {
  const { ins, birthName, firstGivenName, birthDate, sex } = fictionalCitizen(citizens - 1);
  const [before, after] = [citizenAddress(ins, 'patient.mssante.fr'), citizenAddress(next, 'patient.mssante.fr')];
  const password = await issueApplicationPassword(db, await loadPepper(`${home.data}/pepper`), before, 'test');
  const sender = await SmtpClient.open({
    host: '127.0.0.1',
    port: gateway.report.ports.submission,
    ca: home.authority,
    login: { user: doctor().address, password: doctor().password },
  });
  const send = (number: number) =>
    sender.deliver(
      doctor().address,
      [before],
      `From: <${doctor().address}>\r\nDate: Sun, 22 Nov 2026 10:00:00 +0100\r\nMessage-ID: <${number}@test>\r\n\r\nBonjour\r\n`,
    );
  expect(await send(1)).toMatchObject({ code: 250 });
  const reader = await openImap(before, password);
  expect((await reader.command('STATUS INBOX (MESSAGES)')).text).toContain('MESSAGES 1');
  reader.destroy();

  const header = 'matricule;nom_naissance;premier_prenom;date_naissance;sexe;matricule_precedent';
  await writeFile(feed('.2.csv'), `${header}\n${next};${birthName};${firstGivenName};${birthDate};${sex};${ins}\n`);
  await settle(feed('.2.csv'));
  await rename(feed('.2.csv'), feed('2.csv'));
  await until('the second file is put away', async () => (await putAway()) === 2, patientMs);
  await expect(openImap(before, password)).rejects.toThrow('AUTHENTICATIONFAILED');
  expect(await send(2)).toMatchObject({ code: 250 });
  sender.destroy();
  const again = await openImap(after, password);
  expect((await again.command('STATUS INBOX (MESSAGES)')).text).toContain('MESSAGES 2');
  again.destroy();
});

test('R1 §1.8 neither log, nor that of PostgreSQL, nor the metrics say who was in the files', async () => {
  const log = await readFile(join(home.folder, 'log'), 'utf8');
  expect(log).toContain(`"lines":${citizens}`);
  const told = [
    log,
    await readFile(join(home.data, 'postgres.log'), 'utf8'),
    await (await fetch(`${gateway.report.observeUrl}/metrics`)).text(),
  ];
  const people = [0, 1, 2, citizens - 1].map(fictionalCitizen).flatMap(({ ins, birthName, birthDate }) => [ins, birthName, birthDate]);
  const listed = await db.selectFrom('addresses').select(['address', 'label']).orderBy('address').limit(3).execute();
  const words = [next, 'mssante.fr', ...people, ...listed.flatMap(({ address, label }) => [address, label])];
  for (const text of told) for (const word of words) expect(text).not.toContain(word);
});
