import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type GatewayHome, GatewayProcess, makeGatewayHome } from '../support/gateway-process.ts';
import { workersOf } from '../support/gateway-workers.ts';
import { ImapReader } from '../support/imap-reader.ts';
import { SmtpClient } from '../support/smtp-client.ts';
import { until } from '../support/until.ts';

describe('a gateway of two processes', () => {
  let home: GatewayHome;
  let gateway: GatewayProcess;
  beforeAll(async () => {
    home = await makeGatewayHome();
    gateway = await GatewayProcess.start(home, { crowd: { doctors: 1, citizens: 1 }, environment: { PASSERELLE_WORKERS: '2' } });
  });
  afterAll(async () => {
    await gateway.destroy();
    await home.remove();
  });

  const [doctor, citizen] = [
    () => gateway.report.crowd?.doctors[0] ?? expect.fail(),
    () => gateway.report.crowd?.citizens[0] ?? expect.fail(),
  ];
  const openSmtp = () =>
    SmtpClient.open({
      host: '127.0.0.1',
      port: gateway.report.ports.submission,
      ca: home.authority,
      login: { user: doctor().address, password: doctor().password },
    });
  const openImap = () =>
    ImapReader.open({ port: gateway.report.ports.imapTls, ca: home.authority, user: citizen().address, password: citizen().password });
  const letter = () =>
    `From: <${doctor().address}>\r\nDate: Sun, 22 Nov 2026 10:00:00 +0100\r\nMessage-ID: <${Math.random()}@test>\r\n\r\nBonjour\r\n`;

  test('a letter taken by either process wakes clients in IDLE on both', async () => {
    // Connections are dealt out in turn: four clients are on both processes.
    const readers = await Promise.all([1, 2, 3, 4].map(openImap));
    const senders = [await openSmtp(), await openSmtp()];
    const told = readers.map(() => 0);
    for (const [index, reader] of readers.entries()) {
      await reader.command('SELECT INBOX');
      reader.onExists = (count) => {
        told[index] = count;
      };
      await reader.idle();
    }
    for (const [sent, sender] of senders.entries()) {
      expect(await sender.deliver(doctor().address, [citizen().address], letter())).toMatchObject({ code: 250 });
      await until('every client is told', () => told.every((count) => count === sent + 1));
    }
    for (const one of [...readers, ...senders]) one.destroy();
  });

  test('a process that is killed is replaced, and the doors stay open', async () => {
    const [victim] = await workersOf(gateway.pid);
    process.kill(victim ?? expect.fail('no worker'), 'SIGKILL');
    await until('two workers again, without the one that was killed', async () => {
      const pids = await workersOf(gateway.pid);
      return pids.length === 2 && !pids.includes(victim ?? 0);
    });
    await until('letters are taken', async () => {
      try {
        const sender = await openSmtp();
        const reply = await sender.deliver(doctor().address, [citizen().address], letter());
        sender.destroy();
        return reply.code === 250;
      } catch {
        return false; // refused while the new process opens its doors
      }
    });
  });

  test('a second gateway on the same data folder is refused in one line', async () => {
    const child = spawn(process.execPath, ['--import', 'tsx', fileURLToPath(new URL('../../src/main.ts', import.meta.url))], {
      env: {
        ...process.env,
        PASSERELLE_DATA_DIR: home.data,
        PASSERELLE_OBSERVE_LOG_LEVEL: 'fatal',
        PASSERELLE_TLS_CERTIFICATE_FILE: join(home.folder, 'authority', 'server-passerelle.test.crt'),
        PASSERELLE_TLS_KEY_FILE: join(home.folder, 'authority', 'server-passerelle.test.key'),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    child.stderr.on('data', (chunk) => {
      said += chunk;
    });
    const [code] = await once(child, 'exit');
    expect(code).toBe(1);
    expect(said.trim().split('\n')).toHaveLength(1);
    expect(said).toContain(String(gateway.pid));
  });

  test('what was kept is there after an orderly stop and a new start', async () => {
    const before = await inboxCount(await openImap());
    // At the worst moment: while a worker that was killed is being replaced.
    const [victim, ...others] = await workersOf(gateway.pid);
    process.kill(victim ?? expect.fail('no worker'), 'SIGKILL');
    await until('its replacement is starting', async () =>
      (await workersOf(gateway.pid)).some((pid) => pid !== victim && !others.includes(pid)),
    );
    await gateway.stop();
    const { crowd } = gateway.report;
    gateway = await GatewayProcess.start(home);
    Object.assign(gateway.report, { crowd });
    expect(await inboxCount(await openImap())).toBe(before);
  });
});

async function inboxCount(reader: ImapReader): Promise<string | undefined> {
  const { text } = await reader.command('STATUS INBOX (MESSAGES UIDNEXT)');
  reader.destroy();
  return /\(.*\)/.exec(text)?.[0];
}
