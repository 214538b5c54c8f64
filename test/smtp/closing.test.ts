// A door that closes: letters under way are finished or broken off cleanly, never half delivered.
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { RawSmtp } from '../support/raw-smtp.ts';
import { mxSession, openTestMx, openTestSubmission, submissionSession } from '../support/smtp-doors.ts';
import { until } from '../support/until.ts';

async function beginLetter(client: RawSmtp): Promise<void> {
  await client.ask('MAIL FROM:<dr@chu.mssante.fr>');
  await client.ask('RCPT TO:<b@labo.mssante.fr>');
  await client.ask('DATA');
  client.send(`A: b\r\n\r\n${'x'.repeat(100_000)}\r\n`);
}

describe('close()', () => {
  test('tells idle clients 421 at once and resolves when they are gone', async () => {
    const { door } = await openTestMx({ limits: { closeMs: 60_000 } });
    const idle = await RawSmtp.connect(door.port);
    const signedOn = await mxSession(door.port);
    const closing = door.close();
    expect(await idle.reply()).toMatch(/^421 /);
    expect(await signedOn.reply()).toMatch(/^421 4\.3\.2 /);
    idle.socket.end();
    signedOn.socket.end();
    await closing;
  });

  test('lets a letter finish within the grace time', async () => {
    const { door, delivery } = await openTestMx({ limits: { closeMs: 10_000 } });
    const client = await mxSession(door.port);
    await beginLetter(client);
    await until('the letter is under way', () => delivery.readBytes > 50_000);
    const closing = door.close();
    client.send('.\r\n');
    expect(await client.reply()).toMatch(/^250 2\.6\.0 /);
    client.send('QUIT\r\n');
    client.socket.end();
    await closing;
    expect(delivery.letters).toHaveLength(1);
  });

  test.each(['mx', 'submission'] as const)(
    'breaks off a letter at the end of the grace time through %s: the reader gets an error',
    async (which) => {
      const opened = which === 'mx' ? await openTestMx() : await openTestSubmission();
      const client =
        'tlsPort' in opened.door
          ? await submissionSession((opened.door as { tlsPort: number }).tlsPort)
          : await mxSession(opened.door.port);
      await beginLetter(client);
      await until('the letter is under way', () => opened.delivery.readBytes > 50_000);
      await opened.door.close();
      expect(opened.delivery.letters).toEqual([]);
      expect(opened.delivery.broken).toHaveLength(1);
      expect(opened.delivery.broken[0]?.error).toBeInstanceOf(Error);
      expect(await client.reply()).toMatch(/^421 /);
    },
  );

  test('waits for a letter that is being made durable, even when its client has left', async () => {
    const { door, delivery } = await openTestMx();
    let finish: () => void = () => undefined;
    const durable = new Promise<void>((resolve) => {
      finish = resolve;
    });
    let isCommitting = false;
    delivery.outcome = async () => {
      isCommitting = true;
      await durable;
      return { do: 'accepted', refused: [] };
    };
    const client = await mxSession(door.port);
    await beginLetter(client);
    client.send('.\r\n');
    await until('the letter is being committed', () => isCommitting);
    client.socket.destroy();
    let isClosed = false;
    const closing = door.close().then(() => {
      isClosed = true;
    });
    await until('the connection is gone', () => door.connections() === 0);
    expect(isClosed).toBe(false);
    finish();
    await closing;
    expect(delivery.letters).toHaveLength(1);
  });

  test('survives clients that left the TLS port just before: Node crashed on their handshakes', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { door } = await openTestSubmission();
      const drops = Array.from({ length: 100 }, () => {
        const socket = connect({ host: '127.0.0.1', port: door.tlsPort });
        socket.on('error', () => undefined);
        return new Promise<void>((resolve) => {
          socket.once('close', () => resolve());
          socket.once('connect', () => socket.write('not a handshake\r\n', () => socket.destroy()));
        });
      });
      await Promise.all(drops);
      await door.close();
    }
  });

  test('does not wait for a handshake that never ends', async () => {
    const { door } = await openTestMx();
    const client = await RawSmtp.connect(door.port);
    await client.ask('EHLO client.test');
    await client.ask('STARTTLS');
    await door.close();
    await client.closed;
  });
});
