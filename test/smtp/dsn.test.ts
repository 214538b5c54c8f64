// What a sender wants to be told (RFC 3461): read strictly at the door, handed to the one path as it was meant.
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Arrival, EnvelopeRecipient } from '../../src/delivery/arrival.ts';
import type { RawSmtp } from '../support/raw-smtp.ts';
import { mxSession, openTestMx, openTestSubmission, submissionSession } from '../support/smtp-doors.ts';

const log: string[] = [];
let own: Awaited<ReturnType<typeof openTestSubmission>>;
let client: RawSmtp;
beforeEach(async () => {
  log.length = 0;
  own = await openTestSubmission({ log });
  client = await submissionSession(own.door.tlsPort);
});
afterEach(() => own.door.close());

async function letter(mail: string, ...rcpts: string[]): Promise<{ arrival: Arrival; recipients: readonly EnvelopeRecipient[] }> {
  expect(await client.ask(mail)).toMatch(/^250 /);
  for (const rcpt of rcpts) expect(await client.ask(rcpt)).toMatch(/^250 /);
  await client.ask('DATA');
  client.send('A: b\r\n.\r\n');
  expect(await client.reply()).toMatch(/^250 /);
  const taken = own.delivery.letters.at(-1);
  if (!taken) throw new Error('No letter was taken');
  return taken;
}

describe('wishes that are well formed', () => {
  test('requirement 46: ENVID, NOTIFY and ORCPT reach the path decoded, each recipient with its own', async () => {
    const { arrival, recipients } = await letter(
      'MAIL FROM:<lea@chu.mssante.fr> RET=HDRS ENVID=QQ314159+2B2026+20n+3D1 SIZE=100',
      'RCPT TO:<a@labo.mssante.fr> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;Lab+2BSang@labo.mssante.fr',
      'RCPT TO:<b@labo.mssante.fr> notify=never',
      'RCPT TO:<c@labo.mssante.fr>',
    );
    expect(arrival.envelopeId).toBe('QQ314159+2026 n=1');
    expect(arrival.returned).toBe('headers');
    expect(recipients).toEqual([
      { address: 'a@labo.mssante.fr', notify: ['success', 'failure'], originalRecipient: 'rfc822;Lab+Sang@labo.mssante.fr' },
      { address: 'b@labo.mssante.fr', notify: 'never' },
      { address: 'c@labo.mssante.fr' },
    ]);
  });

  test.each([
    ['ENVID=x', undefined],
    ['RET=full', undefined],
    [`ENVID=${'x'.repeat(100)}`, undefined],
    ['ENVID=!*,-<>~;:/', undefined],
    [undefined, 'NOTIFY=DELAY'],
    [undefined, 'NOTIFY=delay,Failure,SUCCESS,DELAY'],
    [undefined, `ORCPT=rfc822;${'x'.repeat(493)}`],
    [undefined, 'ORCPT=x400;/c=fr'.replace('=fr', '+3Dfr')],
    [undefined, 'ORCPT=X-odd!#;a;b'],
  ])('MAIL %s, RCPT %s: 250', async (onMail, onRcpt) => {
    expect(await client.ask(`MAIL FROM:<lea@chu.mssante.fr> ${onMail ?? ''}`.trimEnd())).toMatch(/^250 /);
    expect(await client.ask(`RCPT TO:<b@labo.mssante.fr> ${onRcpt ?? ''}`.trimEnd())).toMatch(/^250 /);
  });

  test('a recipient named twice keeps what was asked the first time', async () => {
    const { recipients } = await letter(
      'MAIL FROM:<lea@chu.mssante.fr>',
      'RCPT TO:<b@labo.mssante.fr> NOTIFY=FAILURE',
      'RCPT TO:<B@labo.mssante.fr> NOTIFY=NEVER',
    );
    expect(recipients).toEqual([{ address: 'b@labo.mssante.fr', notify: ['failure'] }]);
  });

  test('requirement 46: RET reaches the path too, alone or not', async () => {
    const { arrival } = await letter('MAIL FROM:<lea@chu.mssante.fr> RET=full', 'RCPT TO:<b@labo.mssante.fr>');
    expect(arrival).toMatchObject({ returned: 'full' });
    expect(arrival).not.toHaveProperty('envelopeId');
  });

  test('the ENVID and RET of one letter are not those of the next', async () => {
    await client.ask('MAIL FROM:<lea@chu.mssante.fr> ENVID=oublie RET=FULL');
    await client.ask('RSET');
    const { arrival } = await letter('MAIL FROM:<lea@chu.mssante.fr>', 'RCPT TO:<b@labo.mssante.fr>');
    expect(arrival).not.toHaveProperty('envelopeId');
    expect(arrival).not.toHaveProperty('returned');
  });

  test('requirement 17: a report between operators says NOTIFY=NEVER under the null sender', async () => {
    const mx = await openTestMx();
    try {
      const peer = await mxSession(mx.door.port);
      expect(await peer.ask('EHLO client.test')).toContain('\n250 DSN');
      expect(await peer.ask('MAIL FROM:<> ENVID=x')).toMatch(/^250 /);
      expect(await peer.ask('RCPT TO:<b@labo.mssante.fr> NOTIFY=NEVER')).toMatch(/^250 /);
    } finally {
      await mx.door.close();
    }
  });
});

describe('wishes that are not', () => {
  test.each([
    'RET=BODY',
    'RET=',
    'RET',
    'RET=HDRS RET=HDRS',
    'ENVID=',
    'ENVID',
    'ENVID=a ENVID=b',
    'ENVID=a+2',
    'ENVID=a+2b',
    'ENVID=a+ZZ',
    'ENVID=a=b',
    'ENVID=a+0D+0ABcc:+20b@labo.mssante.fr',
    'ENVID=a+00',
    'ENVID=a+E9',
    'ENVID=é',
    `ENVID=${'x'.repeat(101)}`,
  ])('MAIL … %s: 501 5.5.4, and no transaction is open', async (parameters) => {
    expect(await client.ask(`MAIL FROM:<lea@chu.mssante.fr> ${parameters}`)).toMatch(/^501 5\.5\.4 /);
    expect(await client.ask('RCPT TO:<b@labo.mssante.fr>')).toMatch(/^503 /);
  });

  test.each([
    'NOTIFY=',
    'NOTIFY',
    'NOTIFY=NEVER,FAILURE',
    'NOTIFY=FAILURE,NEVER',
    'NOTIFY=NEVER,NEVER',
    'NOTIFY=SUCCESS,',
    'NOTIFY=ALWAYS',
    'NOTIFY=NEV+45R',
    'NOTIFY=FAILURE NOTIFY=DELAY',
    'ORCPT=',
    'ORCPT=b@labo.mssante.fr',
    'ORCPT=rfc822;',
    'ORCPT=;b@labo.mssante.fr',
    'ORCPT=rfc 822;b',
    'ORCPT=rfc822;b+0D+0Ac',
    'ORCPT=rfc822;b+c@labo.mssante.fr',
    'ORCPT=rfc822;a ORCPT=rfc822;b',
    `ORCPT=rfc822;${'x'.repeat(494)}`,
  ])('RCPT … %s: 5xx 5.5.4, and the other recipients are served', async (parameters) => {
    await client.ask('MAIL FROM:<lea@chu.mssante.fr>');
    expect(await client.ask(`RCPT TO:<b@labo.mssante.fr> ${parameters}`)).toMatch(
      parameters === 'ORCPT=rfc 822;b' ? /^555 5\.5\.4 / : /^501 5\.5\.4 /,
    );
    expect(await client.ask('RCPT TO:<a@labo.mssante.fr>')).toMatch(/^250 /);
    await client.ask('DATA');
    client.send('A: b\r\n.\r\n');
    await client.reply();
    expect(own.delivery.letters[0]?.recipients).toEqual([{ address: 'a@labo.mssante.fr' }]);
  });

  test.each([
    'MAIL FROM:<lea@chu.mssante.fr> NOTIFY=NEVER',
    'MAIL FROM:<lea@chu.mssante.fr> ORCPT=rfc822;a',
    'RCPT TO:<b@labo.mssante.fr> ENVID=x',
    'RCPT TO:<b@labo.mssante.fr> RET=HDRS',
  ])('%s belongs to the other command: 555 5.5.4', async (command) => {
    if (command.startsWith('RCPT')) await client.ask('MAIL FROM:<lea@chu.mssante.fr>');
    expect(await client.ask(command)).toMatch(/^555 5\.5\.4 /);
  });
});

test('an address that looks like a parameter stays an address', async () => {
  const { recipients } = await letter('MAIL FROM: <lea@chu.mssante.fr>', 'RCPT TO: <orcpt=a+b@labo.mssante.fr> NOTIFY=DELAY');
  expect(recipients).toEqual([{ address: 'orcpt=a+b@labo.mssante.fr', notify: ['delay'] }]);
});

test('requirement 58: neither ENVID nor ORCPT is logged, taken or refused', async () => {
  await letter('MAIL FROM:<lea@chu.mssante.fr> ENVID=secret-1', 'RCPT TO:<b@labo.mssante.fr> ORCPT=rfc822;secret-2');
  await client.ask('MAIL FROM:<lea@chu.mssante.fr> ENVID=secret-3+');
  expect(log.join('')).not.toMatch(/secret-[123]/);
});

test('any text of RFC 3461 §4 is answered 250 or 501, and what is taken is printable', async () => {
  const piece = fc.oneof(fc.constantFrom('+', '+2B', '+0A', '+7F', '=', ';', 'a', '~', '!'), fc.string({ maxLength: 3 }));
  await fc.assert(
    fc.asyncProperty(
      fc.array(piece, { minLength: 1, maxLength: 12 }).map((pieces) => pieces.join('').replace(/[\s\0]/g, '')),
      async (text) => {
        const reply = await client.ask(`MAIL FROM:<lea@chu.mssante.fr> ENVID=${text}`);
        if (reply?.startsWith('250')) {
          await client.ask('RCPT TO:<b@labo.mssante.fr>');
          await client.ask('DATA');
          client.send('A: b\r\n.\r\n');
          await client.reply();
          expect(own.delivery.letters.pop()?.arrival.envelopeId).toMatch(/^[ -~]+$/);
        } else {
          expect(reply).toMatch(/^501 5\.5\.4 /);
        }
        await client.ask('RSET');
      },
    ),
    { numRuns: 100 },
  );
});
