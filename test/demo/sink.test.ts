import { createTransport } from 'nodemailer';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Sink } from '../../src/demo/sink.ts';

let sink: Sink;
let port: number;

beforeEach(async () => {
  sink = new Sink({
    answer: (recipient) => (recipient.startsWith('absent@') ? 'refuse' : recipient.startsWith('busy@') ? 'later' : 'take'),
  });
  port = await sink.start();
});

afterEach(() => sink.stop());

test('the sink keeps the bytes it was given and tells whoever waits for them', async () => {
  const waiting = sink.waitFor((letter) => letter.recipients.includes('there@autre.test'));
  await send(['there@autre.test']);
  const letter = await waiting;
  expect(letter.sender).toBe('lea@demo.test');
  expect(letter.bytes.toString('utf8')).toContain('Bonjour');
  expect(await sink.waitFor(() => true)).toBe(letter);
  expect(sink.letters).toEqual([letter]);
});

test('it refuses and puts off as it is told, recipient by recipient', async () => {
  const sent = await send(['absent@autre.test', 'there@autre.test', 'busy@autre.test']);
  expect(sent.accepted).toEqual(['there@autre.test']);
  expect(sent.rejectedErrors?.map((error) => error.responseCode)).toEqual([550, 450]);
});

test('waiting for a letter that never comes ends with an error', async () => {
  await expect(sink.waitFor(() => true, 50)).rejects.toThrow('No such letter');
});

async function send(to: string[]) {
  const client = createTransport({ host: '127.0.0.1', port });
  return client.sendMail({ from: 'lea@demo.test', to, subject: 'Essai', text: 'Bonjour' });
}
