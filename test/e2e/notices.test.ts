// A whole gateway that was given a smarthost: a doctor's letter by SMTP, and the citizen is told at their ordinary address.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { simpleParser } from 'mailparser';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findCitizens } from '../../directory/matricules.ts';
import { setNoticePreference } from '../../policies/notice-preferences.ts';
import { localPart } from '../../src/core/address.ts';
import type { Ins } from '../../src/core/ins.ts';
import { connect } from '../../src/database/connect.ts';
import { Sink } from '../../src/demo/sink.ts';
import { address } from '../support/address.ts';
import { type GatewayHome, GatewayProcess, makeGatewayHome } from '../support/gateway-process.ts';
import { SmtpClient } from '../support/smtp-client.ts';

const home = address('dominique@fournisseur.example');

let sink: Sink;
let folder: GatewayHome;
let gateway: GatewayProcess;
beforeAll(async () => {
  sink = new Sink();
  folder = await makeGatewayHome();
  const environment = {
    PASSERELLE_NOTICES_SMARTHOST_HOST: '127.0.0.1',
    PASSERELLE_NOTICES_SMARTHOST_PORT: String(await sink.start()),
    PASSERELLE_NOTICES_SMARTHOST_TLS: 'none',
    PASSERELLE_NOTICES_FROM: 'ne-pas-repondre@operateur.example',
    PASSERELLE_NOTICES_READ_AT: 'https://messagerie.operateur.example',
  };
  gateway = await GatewayProcess.start(folder, { crowd: { doctors: 1, citizens: 1 }, environment, logFile: join(folder.folder, 'log') });
}, 180_000);
afterAll(async () => {
  await gateway.destroy();
  await sink.stop();
  await folder.remove();
});

test('requirement 58: the notice reaches the ordinary address, and neither it nor the log says who anybody is', async () => {
  const [doctor, citizen] = [gateway.report.crowd?.doctors[0] ?? expect.fail(), gateway.report.crowd?.citizens[0] ?? expect.fail()];
  const ins = localPart(citizen.address).toUpperCase() as Ins;
  const db = connect({ ...gateway.report.connection, poolSize: 1 });
  const citizenId = (await findCitizens(db, [ins])).get(ins) ?? 0;
  await setNoticePreference(db, citizenId, { address: home, told: {} });
  await db.destroy();
  const login = { user: doctor.address, password: doctor.password };
  const client = await SmtpClient.open({ host: '127.0.0.1', port: gateway.report.ports.submission, ca: folder.authority, login });
  const letter = `From: <${doctor.address}>\r\nSubject: Biopsie\r\n\r\nBonjour\r\n`;
  expect(await client.deliver(doctor.address, [citizen.address], letter)).toMatchObject({ code: 250 });
  client.destroy();
  const sunk = await sink.waitFor((one) => one.recipients.includes(home), 60_000);
  const { text, html } = await simpleParser(sunk.bytes);
  expect(text).toContain('https://messagerie.operateur.example');
  const said = `${sunk.sender}${sunk.bytes.toString()}${text}${html}${await readFile(join(folder.folder, 'log'), 'utf8')}`.toLowerCase();
  for (const hidden of [ins.toLowerCase(), localPart(doctor.address), 'biopsie', 'fictif']) expect(said).not.toContain(hidden);
  expect(await readFile(join(folder.folder, 'log'), 'utf8')).not.toContain('fournisseur.example');
}, 120_000);
