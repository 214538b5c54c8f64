// What a process at the doors owes is worked on at once by the pipeline of the first process, not when it next looks.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect } from '../../src/database/connect.ts';
import type { Db } from '../../src/database/tables.ts';
import { type GatewayHome, GatewayProcess, makeGatewayHome } from '../support/gateway-process.ts';
import { SmtpClient } from '../support/smtp-client.ts';
import { until } from '../support/until.ts';

let home: GatewayHome;
let gateway: GatewayProcess;
let db: Db;
beforeAll(async () => {
  home = await makeGatewayHome();
  gateway = await GatewayProcess.start(home, { crowd: { doctors: 1, citizens: 1 }, environment: { PASSERELLE_WORKERS: '2' } });
  db = connect({ ...gateway.report.connection, poolSize: 1 });
}, 120_000);
afterAll(async () => {
  await db?.destroy();
  await gateway?.destroy();
  await home?.remove();
});

test('a report owed by a letter that a worker took leaves before the next poll', async () => {
  const doctor = gateway.report.crowd?.doctors[0] ?? expect.fail();
  const citizen = gateway.report.crowd?.citizens[0] ?? expect.fail();
  const login = { user: doctor.address, password: doctor.password };
  const client = await SmtpClient.open({ host: '127.0.0.1', port: gateway.report.ports.submission, ca: home.authority, login });
  const delays: number[] = [];
  for (let letter = 1; letter <= 8; letter += 1) {
    expect(await client.command(`MAIL FROM:<${doctor.address}>`)).toMatchObject({ code: 250 });
    expect(await client.command(`RCPT TO:<${citizen.address}> NOTIFY=SUCCESS`)).toMatchObject({ code: 250 });
    expect(await client.command('DATA')).toMatchObject({ code: 354 });
    expect(await client.command(`From: <${doctor.address}>\r\nMessage-ID: <${letter}@test>\r\n\r\nBonjour\r\n.`)).toMatchObject({
      code: 250,
    });
    await until(
      'its report has left',
      async () => (await reports()).length === letter && (await reports()).every((row) => row.finished_at),
    );
    const last = (await reports()).at(-1);
    delays.push((last?.finished_at?.getTime() ?? 0) - (last?.created_at.getTime() ?? 0));
  }
  client.destroy();
  // The last sweep ended as the report before left, and the next poll is a second away: without pokes each would wait that long.
  expect(Math.min(...delays)).toBeLessThan(500);
}, 120_000);

function reports() {
  return db.selectFrom('outbox').select(['created_at', 'finished_at']).where('kind', '=', 'send-report').orderBy('created_at').execute();
}
