// RFC 2920: commands that come together. Their replies leave together, in order, and none is held back for ever.
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { RawSmtp } from '../support/raw-smtp.ts';
import { openTestSubmission, submissionSession } from '../support/smtp-doors.ts';

let own: Awaited<ReturnType<typeof openTestSubmission>>;
let client: RawSmtp;
beforeEach(async () => {
  own = await openTestSubmission();
  client = await submissionSession(own.door.tlsPort);
});
afterEach(() => own.door.close());

const envelope = 'MAIL FROM:<lea@chu.mssante.fr>\r\nRCPT TO:<b@labo.mssante.fr>\r\nDATA\r\n';

test('RFC 2920 §3.2 an envelope in one segment is answered command by command', async () => {
  client.send(envelope);
  expect([await client.reply(), await client.reply(), await client.reply()].map((reply) => reply?.slice(0, 3))).toEqual([
    '250',
    '250',
    '354',
  ]);
});

test('thousands of commands in one segment are all answered', async () => {
  client.send('NOOP\r\n'.repeat(2_500));
  for (let answered = 0; answered < 2_500; answered += 1) expect(await client.reply()).toMatch(/^250 /);
});

test('a client that sends its letter without waiting for 354 hears that it is taken', async () => {
  client.send(`${envelope}Subject: presse\r\n\r\nBonjour\r\n.\r\n`);
  const replies = [await client.reply(), await client.reply(), await client.reply(), await client.reply()];
  expect(replies.map((reply) => reply?.slice(0, 3))).toEqual(['250', '250', '354', '250']);
});

test('two letters in one segment are two letters', async () => {
  const letter = (subject: string) => `Subject: ${subject}\r\n\r\nBonjour\r\n.\r\n`;
  client.send(envelope + letter('un') + envelope + letter('deux'));
  const replies: (string | undefined)[] = [];
  for (let told = 0; told < 8; told += 1) replies.push(await client.reply());
  expect(replies.map((reply) => reply?.slice(0, 3)).join(' ')).toBe('250 250 354 250 250 250 354 250');
  expect(own.delivery.letters).toHaveLength(2);
});

test('a refusal in the middle is told in its place', async () => {
  client.send('MAIL FROM:<lea@chu.mssante.fr>\r\nRCPT TO:<pas une adresse>\r\nRCPT TO:<b@labo.mssante.fr>\r\nRSET\r\n');
  const replies = [await client.reply(), await client.reply(), await client.reply(), await client.reply()];
  expect(replies.map((reply) => reply?.[0]).join('')).toBe('2522');
});
