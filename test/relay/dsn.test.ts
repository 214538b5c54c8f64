// What the sender wants to be told goes on with the letter, to servers that know RFC 3461 and to no others. §5.2.
import type { Socket } from 'node:net';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import type { EnvelopeRecipient } from '../../src/delivery/arrival.ts';
import { sendLetter } from '../../src/relay/send-letter.ts';
import { address, openTestMx, peerOf } from '../support/smtp-doors.ts';
import { closeHops, hop, openScript, openSink } from './next-hops.ts';

afterEach(closeHops);

const a = address('a@labo.mssante.fr');
const b = address('b@labo.mssante.fr');
const c = address('c@labo.mssante.fr');
const wishes: readonly EnvelopeRecipient[] = [
  { address: a, notify: ['success', 'failure'], originalRecipient: 'rfc822;Lab+Sang=1@labo.mssante.fr' },
  { address: b, notify: 'never' },
  { address: c },
];
const letter = (
  recipients = wishes,
  mail: { envelopeId?: string; returned?: 'full' | 'headers' } = { envelopeId: 'QQ 314+159', returned: 'full' },
) => ({
  sender: address('dr@chu.mssante.fr'),
  recipients,
  ...mail,
  content: async function* () {
    yield Buffer.from('A: b\r\n\r\nc\r\n');
  },
});
const options = { heloName: 'passerelle.test', timeouts: { connectMs: 2_000, greetingMs: 2_000, idleMs: 2_000 } };

/** A server without PIPELINING that says yes to everyone but the refused; its command lines are kept. */
async function openListener(ehlo: string, refused?: string) {
  const lines: string[] = [];
  let inData = false;
  const { port } = await openScript((socket: Socket, line) => {
    if (inData) {
      inData = line !== '.';
      if (!inData) socket.write('250 2.0.0 ok\r\n');
      return;
    }
    lines.push(line);
    inData = line === 'DATA';
    if (line.startsWith('EHLO')) socket.write(ehlo);
    else socket.write(inData ? '354 go\r\n' : refused && line.includes(`<${refused}>`) ? '550 5.1.1 no\r\n' : '250 ok\r\n');
  });
  return { port, lines };
}

describe('a next hop that announces DSN', () => {
  test('requirement 46: hears of each recipient what was asked for that one, and answers for it from then on', async () => {
    const sink = await openSink({ hideDSN: false });
    const results = await sendLetter(hop(sink.port), letter(), options);
    expect(results.map(({ recipient, result, dsnPassedOn }) => [recipient, result, dsnPassedOn])).toEqual([
      [a, 'delivered', true],
      [b, 'delivered', true],
      [c, 'delivered', true],
    ]);
    expect(sink.letters[0]?.envelopeDsn).toEqual({ ret: 'FULL', envid: 'QQ 314+159' });
    expect(sink.letters[0]?.wishes).toEqual([
      { notify: ['SUCCESS', 'FAILURE'], orcpt: 'rfc822;Lab+Sang=1@labo.mssante.fr' },
      { notify: ['NEVER'] },
      undefined,
    ]);
  });

  test('is told the same one command at a time; nothing is added to what was not asked', async () => {
    const listener = await openListener('250-script\r\n250-dsn\r\n250 8BITMIME\r\n');
    const results = await sendLetter(hop(listener.port), letter(wishes, {}), options);
    expect(listener.lines.filter((line) => /^(MAIL|RCPT)/.test(line))).toEqual([
      'MAIL FROM:<dr@chu.mssante.fr> BODY=8BITMIME',
      `RCPT TO:<${a}> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;Lab+2BSang+3D1@labo.mssante.fr`,
      `RCPT TO:<${b}> NOTIFY=NEVER`,
      `RCPT TO:<${c}>`,
    ]);
    expect(results.map(({ dsnPassedOn }) => dsnPassedOn)).toEqual([true, true, true]);
  });

  test.each([
    ['full', 'RET=FULL'],
    ['headers', 'RET=HDRS'],
  ] as const)('hears RET as it was given, without ENVID: %s', async (returned, said) => {
    const listener = await openListener('250-script\r\n250 DSN\r\n');
    await sendLetter(hop(listener.port), letter(wishes, { returned }), options);
    expect(listener.lines).toContain(`MAIL FROM:<dr@chu.mssante.fr> ${said}`);
  });

  test('answers for nobody it has refused: that report stays ours', async () => {
    const listener = await openListener('250-script\r\n250 DSN\r\n', a);
    const results = await sendLetter(hop(listener.port), letter(), options);
    expect(results.map(({ result, dsnPassedOn }) => [result, dsnPassedOn])).toEqual([
      ['failed', false],
      ['delivered', true],
      ['delivered', true],
    ]);
  });
});

describe('a next hop that does not', () => {
  test.each([
    ['says nothing of it', '250-script\r\n250 8BITMIME\r\n'],
    ['carries the word in its name', '250-relais-DSN.chu.fr hello DSN\r\n250 8BITMIME\r\n'],
    ['has an extension of its own', '250-script\r\n250-X-DSN\r\n250 DSN-2\r\n'],
    ['only knows HELO', '502 5.5.1 what\r\n'],
  ])('(%s) hears nothing of it, and the relayed report stays ours', async (_name, ehlo) => {
    const listener = await openListener(ehlo);
    const results = await sendLetter(hop(listener.port), letter(), options);
    expect(results.map(({ result, dsnPassedOn }) => [result, dsnPassedOn])).toEqual([
      ['delivered', false],
      ['delivered', false],
      ['delivered', false],
    ]);
    expect(listener.lines.join('\n')).not.toMatch(/NOTIFY|ORCPT|ENVID|RET/);
  });
});

describe('what is asked crosses the wire whole', () => {
  test('no text can become a command or a parameter', async () => {
    const listener = await openListener('250-script\r\n250 DSN\r\n');
    const recipients = [{ address: a, originalRecipient: 'rfc822;x\r\nRCPT TO:<intrus@labo.mssante.fr>' }];
    await sendLetter(hop(listener.port), letter(recipients, { envelopeId: 'x\r\nRSET y=é' }), options);
    expect(listener.lines.filter((line) => line !== 'QUIT')).toEqual([
      'EHLO passerelle.test',
      'MAIL FROM:<dr@chu.mssante.fr> ENVID=x+0D+0ARSET+20y+3D+C3+A9',
      `RCPT TO:<${a}> ORCPT=rfc822;x+0D+0ARCPT+20TO:<intrus@labo.mssante.fr>`,
      'DATA',
    ]);
  });

  test('requirement 46: one gateway of ours hands it to the next unchanged, whatever it is', async () => {
    const mx = await openTestMx();
    const client = await peerOf('relais.chu.fr');
    const next = hop(mx.door.port, { mode: 'require', authority: mx.ca, serverName: 'passerelle.test', client });
    const text = fc.string({ minLength: 1, maxLength: 33 });
    const wish = fc.option(
      fc.oneof(fc.constant('never' as const), fc.subarray(['success', 'failure', 'delay'] as const, { minLength: 1 })),
      { nil: undefined },
    );
    try {
      await fc.assert(
        fc.asyncProperty(text, text, wish, async (envelopeId, original, notify) => {
          const recipients = [{ address: a, originalRecipient: `rfc822;${original}`, ...(notify && { notify }) }, { address: b }];
          const results = await sendLetter(next, letter(recipients, { envelopeId }), options);
          expect(results.map(({ dsnPassedOn }) => dsnPassedOn)).toEqual([true, true]);
          const taken = mx.delivery.letters.pop();
          expect(taken?.arrival.envelopeId).toBe(envelopeId);
          expect(taken?.recipients).toEqual(recipients);
        }),
        { numRuns: 25 },
      );
    } finally {
      await mx.door.close();
    }
  });
});
