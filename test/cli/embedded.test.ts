// Commands on the database that lives in the data folder: while a gateway runs, when none does, and while one starts.
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Address, localPart } from '../../src/core/address.ts';
import { insKey } from '../../src/core/ins.ts';
import { clusterFolder } from '../../src/database/embedded/cluster.ts';
import { postgresProcessesIn } from '../../src/database/processes.ts';
import { type Crowd, doctorsDomain } from '../support/crowd.ts';
import { type GatewayHome, GatewayProcess, makeGatewayHome } from '../support/gateway-process.ts';
import { ImapReader } from '../support/imap-reader.ts';
import { SmtpClient } from '../support/smtp-client.ts';
import { until } from '../support/until.ts';
import { type CommandRun, runCli, startCli } from './run-cli.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

let home: GatewayHome;
let gateway: GatewayProcess;
let crowd: Crowd;
beforeAll(async () => {
  home = await makeGatewayHome();
  gateway = await GatewayProcess.start(home, { crowd: { doctors: 1, citizens: 2 } });
  if (!gateway.report.crowd) throw new Error('The gateway registered nobody');
  crowd = gateway.report.crowd;
});
afterAll(async () => {
  await gateway.destroy();
  await home.remove();
});

const addressOfFirst = (people: Crowd['doctors']): Address => people[0]?.address ?? expect.fail('nobody');

function command(words: string, typed = ''): Promise<CommandRun> {
  return runCli(words.split(' '), { environment: environment(), typed });
}

function environment(): Record<string, string> {
  return { PASSERELLE_DATA_DIR: home.data, PASSERELLE_HOSTED_DOMAINS_PROFESSIONALS: doctorsDomain };
}

async function servers(): Promise<number> {
  return (await postgresProcessesIn(clusterFolder(home.data))).length;
}

test('while the gateway runs, a command goes through its server and leaves it alone', async () => {
  const doctor = addressOfFirst(crowd.doctors);
  const added = await command(`block add ${doctor} -`, addressOfFirst(crowd.citizens));
  expect(added).toMatchObject({ exitCode: 0, err: '' });
  expect(JSON.parse((await command(`block list ${doctor} --json`)).out)).toMatchObject([{ name: 'Dominique FICTIF-0' }]);
  expect(await servers()).toBeGreaterThan(0);
});

test('after a matricule was replaced, letters to either address reach the one mailbox, and the person signs in under the new name', async () => {
  const [doctor, citizen] = [crowd.doctors[0] ?? expect.fail('nobody'), crowd.citizens[1] ?? expect.fail('nobody')];
  const body = '1850175000042';
  const after = `${body}${insKey(body)}@patient.mssante.fr`;
  const replaced = await command('matricule replace - -', `${localPart(citizen.address)}\n${localPart(after as Address)}\n`);
  expect(replaced).toMatchObject({ exitCode: 0, err: '' });

  const smtp = await SmtpClient.open({
    host: '127.0.0.1',
    port: gateway.report.ports.submission,
    ca: home.authority,
    login: { user: doctor.address, password: doctor.password },
  });
  for (const to of [citizen.address, after]) {
    const letter = `From: <${doctor.address}>\r\nTo: <${to}>\r\nSubject: Essai\r\nMessage-ID: <${to === after}@test>\r\n\r\nBonjour\r\n`;
    expect(await smtp.deliver(doctor.address, [to], letter)).toMatchObject({ code: 250 });
  }
  smtp.destroy();

  const door = { port: gateway.report.ports.imapTls, ca: home.authority, password: citizen.password };
  await expect(ImapReader.open({ ...door, user: citizen.address })).rejects.toThrow(/Refused/);
  const imap = await ImapReader.open({ ...door, user: after });
  expect((await imap.command('SELECT INBOX')).text).toContain('* 2 EXISTS');
  imap.destroy();
});

test('when no gateway runs, commands start the server for their own time, one after the other, and a gateway that starts waits for them', async () => {
  await gateway.stop();
  expect(await servers()).toBe(0);
  const doctor = addressOfFirst(crowd.doctors);
  // At one moment: two commands and a gateway.
  const [first, second, started] = await Promise.all([
    command(`block list ${doctor} --json`),
    command(`first-contact set ${doctor} everyone --json`),
    GatewayProcess.start(home),
  ]);
  gateway = started;
  expect(first).toMatchObject({ exitCode: 0, err: '' });
  expect(JSON.parse(first.out)).toHaveLength(1);
  expect(second).toMatchObject({ exitCode: 0, err: '' });
  expect(JSON.parse((await command(`first-contact show ${doctor} --json`)).out)).toMatchObject({ audience: 'everyone' });
  await gateway.stop();
  const alone = await command(`first-contact show ${doctor} --json`);
  expect(alone).toMatchObject({ exitCode: 0, err: '' });
  expect(await servers()).toBe(0);
});

test('after a gateway was killed, a command ends the server it left and does its work', async () => {
  gateway = await GatewayProcess.start(home);
  gateway.kill();
  await gateway.ended();
  const { exitCode, err } = await command(`block list ${addressOfFirst(crowd.doctors)}`);
  expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
  expect(await servers()).toBe(0);
});

test('a command that waits for a person to type holds nothing', async () => {
  const child = startCli(['block', 'add', addressOfFirst(crowd.doctors), '-'], environment());
  const closed = once(child, 'close');
  const other = await command(`first-contact show ${addressOfFirst(crowd.doctors)}`);
  expect(other).toMatchObject({ exitCode: 0, err: '' });
  child.stdin.end(addressOfFirst(crowd.citizens));
  expect(await closed).toEqual([0, null]);
});

test('a command that is interrupted leaves no server behind', async () => {
  const child = startCli(['quarantine', 'list'], environment());
  const closed = once(child, 'close');
  await until('the server starts', async () => (await servers()) > 0 || child.exitCode !== null);
  child.kill('SIGINT');
  await closed;
  expect(await servers()).toBe(0);
});

test('a data folder without a database is refused, and stays as it was', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'passerelle-empty-'));
  try {
    const run = await runCli(['quarantine', 'list'], { environment: { PASSERELLE_DATA_DIR: folder } });
    expect(run).toMatchObject({ exitCode: 1, out: '', err: expect.stringMatching(/^Aucune base de données dans [^\n]*\n$/) });
    expect(await postgresProcessesIn(folder)).toEqual([]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
