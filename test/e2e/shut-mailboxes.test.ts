// A mailbox is shut, or comes to life, by a statement of somebody else's: every process of a running gateway acts on it at once.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { registerCitizen } from '../../directory/registry.ts';
import { issueApplicationPassword } from '../../src/accounts/application-passwords.ts';
import { loadPepper } from '../../src/accounts/pepper.ts';
import { insKey, parseIns } from '../../src/core/ins.ts';
import { connect } from '../../src/database/connect.ts';
import type { Db } from '../../src/database/tables.ts';
import { type GatewayHome, GatewayProcess, makeGatewayHome } from '../support/gateway-process.ts';
import { ImapReader } from '../support/imap-reader.ts';
import { setState } from '../support/set-state.ts';
import { SmtpClient } from '../support/smtp-client.ts';
import { until } from '../support/until.ts';

let home: GatewayHome;
let gateway: GatewayProcess;
let db: Db;
beforeAll(async () => {
  home = await makeGatewayHome();
  gateway = await GatewayProcess.start(home, { crowd: { doctors: 2, citizens: 1 }, environment: { PASSERELLE_WORKERS: '2' } });
  // Nothing of the gateway's: as an operator's command, or another gateway.
  db = connect({ ...gateway.report.connection, poolSize: 2 });
});
afterAll(async () => {
  await db?.destroy();
  await gateway?.destroy();
  await home?.remove();
});

type Someone = { readonly address: string; readonly password: string };
const [doctor, colleague, citizen] = [
  () => gateway.report.crowd?.doctors[0] ?? expect.fail(),
  () => gateway.report.crowd?.doctors[1] ?? expect.fail(),
  () => gateway.report.crowd?.citizens[0] ?? expect.fail(),
];
const openImap = ({ address, password }: Someone) =>
  ImapReader.open({ port: gateway.report.ports.imapTls, ca: home.authority, user: address, password });
const openSmtp = ({ address, password }: Someone) =>
  SmtpClient.open({
    host: '127.0.0.1',
    port: gateway.report.ports.submission,
    ca: home.authority,
    login: { user: address, password },
  });
const letter = (from: string) =>
  `From: <${from}>\r\nDate: Sun, 22 Nov 2026 10:00:00 +0100\r\nMessage-ID: <${Math.random()}@test>\r\n\r\nBonjour\r\n`;

/** What a session is told from now on, and whether it is over. */
function listenTo(reader: ImapReader) {
  const end = { said: '', isOver: false };
  reader.socket.on('data', (chunk: Buffer) => {
    end.said += chunk.toString();
  });
  reader.socket.on('close', () => {
    end.isOver = true;
  });
  return end;
}

test('requirement 21: a citizen who closes their mailbox is signed out everywhere, and cannot come back', async () => {
  // Connections are dealt out in turn: four sessions are on both processes.
  const readers = await Promise.all([1, 2, 3, 4].map(() => openImap(citizen())));
  const neighbour = await openImap(doctor());
  for (const [at, reader] of readers.entries()) {
    await reader.command('SELECT INBOX');
    if (at >= 2) await reader.idle();
  }
  const ends = readers.map(listenTo);
  await setState(db, citizen().address, 'closed');
  await until('every session has ended', () => ends.every(({ isOver }) => isOver));
  for (const { said } of ends) expect(said).toMatch(/^\* BYE Cette messagerie n.est plus ouverte\r\n/m);
  await expect(openImap(citizen())).rejects.toThrow('AUTHENTICATIONFAILED');
  await expect(openSmtp(citizen())).rejects.toThrow();
  await neighbour.command('NOOP');
  neighbour.destroy();
  await setState(db, citizen().address, 'reopened');
  const again = await openImap(citizen());
  await again.command('SELECT INBOX');
  again.destroy();
});

test('requirement 21: a professional who is suspended sends nothing more from a session that is open, and receives nothing', async () => {
  const senders = await Promise.all([1, 2, 3, 4].map(() => openSmtp(colleague())));
  for (const sender of senders)
    expect(await sender.deliver(colleague().address, [doctor().address], letter(colleague().address))).toMatchObject({ code: 250 });
  const correspondent = await openSmtp(doctor());
  await setState(db, colleague().address, 'suspended');
  for (const sender of senders) {
    await until('its next MAIL is refused', async () => {
      const reply = await sender.command(`MAIL FROM:<${colleague().address}>`);
      if (reply.code === 250) await sender.command('RSET');
      return reply.code === 550;
    });
    sender.destroy();
  }
  // At the commit at the latest, in every process: nothing is taken for a mailbox that is shut.
  const reply = await correspondent.deliver(doctor().address, [colleague().address], letter(doctor().address));
  expect(reply.code).toBe(550);
  correspondent.destroy();
});

test('requirement 21: a citizen who is registered now is written to now, and finds the letter at their first sign-in', async () => {
  const matricule = '2900199199999';
  const ins = parseIns(matricule + insKey(matricule)) ?? expect.fail();
  const sender = await openSmtp(doctor());
  const address = `${ins.toLowerCase()}@patient.mssante.fr`;
  // Known to be nobody's, in whichever process asked.
  expect(await sender.deliver(doctor().address, [address], letter(doctor().address))).toMatchObject({ code: 250 });
  const traits = { ins, birthName: 'NOUVELLE', firstGivenName: 'RUTH', birthDate: '1990-01-15', sex: 'F' } as const;
  const registered = await registerCitizen(db, traits, 'patient.mssante.fr');
  const password = await issueApplicationPassword(db, await loadPepper(`${home.data}/pepper`), registered, 'test');
  expect(await sender.deliver(doctor().address, [address], letter(doctor().address))).toMatchObject({ code: 250 });
  sender.destroy();
  const reader = await openImap({ address: registered, password });
  expect((await reader.command('STATUS INBOX (MESSAGES)')).text).toContain('MESSAGES 1');
  reader.destroy();
  const row = await db.selectFrom('citizens').select('state').where('ins', '=', ins).executeTakeFirst();
  expect(row?.state).toBe('activated');
});
