// Letters of 20 MB: unchanged, at the pace of whoever stores them, and without being held in memory. Requirement 16.
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { RawSmtp } from '../support/raw-smtp.ts';
import { openTestSubmission, submissionSession } from '../support/smtp-doors.ts';
import { until } from '../support/until.ts';

let own: Awaited<ReturnType<typeof openTestSubmission>>;
let client: RawSmtp;
beforeEach(async () => {
  own = await openTestSubmission();
  own.delivery.keepsContent = false;
  client = await submissionSession(own.door.tlsPort);
  await client.ask('MAIL FROM:<lea@chu.mssante.fr>');
  await client.ask('RCPT TO:<b@labo.mssante.fr>');
  await client.ask('DATA');
});
afterEach(() => own.door.close());

test('20 MB of stuffed dots pass in seconds, and the loop stays free', async () => {
  const lines = Buffer.from('..\r\n'.repeat(250_000)); // 1 MB on the wire, 750 kB of letter
  let longestMs = 0;
  let last = performance.now();
  const watch = setInterval(() => {
    longestMs = Math.max(longestMs, performance.now() - last);
    last = performance.now();
  }, 5);
  const start = performance.now();
  for (let count = 0; count < 20; count += 1) {
    if (!client.socket.write(lines)) await new Promise((resolve) => client.socket.once('drain', resolve));
  }
  client.send('.\r\n');
  expect(await client.reply()).toMatch(/^250 /);
  clearInterval(watch);
  expect(own.delivery.readBytes).toBe(20 * 750_000);
  expect(performance.now() - start).toBeLessThan(15_000);
  expect(longestMs).toBeLessThan(500);
});

test('a slow reader holds the client back instead of filling memory', async () => {
  let isStuck = true;
  own.delivery.pace = async () => {
    while (isStuck) await wait(5);
  };
  const block = Buffer.from(`${'.'.repeat(76)}\r\n`.repeat(13_000)); // about 1 MB
  let sentBytes = 0;
  const sending = (async () => {
    for (let count = 0; count < 20; count += 1) {
      sentBytes += block.length;
      if (!client.socket.write(block)) await new Promise((resolve) => client.socket.once('drain', resolve));
    }
    client.send('\r\n.\r\n');
  })();
  let seen = -1;
  await until('the client cannot send any more', async () => {
    const isStill = seen === sentBytes;
    seen = sentBytes;
    await wait(100);
    return isStill;
  });
  // What fits in the buffers of two sockets and two streams, far from the 20 MB.
  expect(sentBytes).toBeLessThan(12_000_000);
  expect(own.delivery.readBytes).toBe(0);
  isStuck = false;
  await sending;
  expect(await client.reply()).toMatch(/^250 /);
});
