// MAIL, RCPT and DATA against the one path: what is asked of it, and how its answers read on the wire.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { defer, hold, refuse, report } from '../../policies/verdict.ts';
import { RefusedError, UnavailableError } from '../../src/core/errors.ts';
import type { RawSmtp } from '../support/raw-smtp.ts';
import { openTestSubmission, submissionSession } from '../support/smtp-doors.ts';
import { until } from '../support/until.ts';

const log: string[] = [];
let own: Awaited<ReturnType<typeof openTestSubmission>>;
let client: RawSmtp;
beforeEach(async () => {
  log.length = 0;
  own = await openTestSubmission({ log, maxLetterBytes: 10_000, limits: { maxRecipients: 3 } });
  client = await submissionSession(own.door.tlsPort);
});
afterEach(() => own.door.close());

const mail = () => client.ask('MAIL FROM:<lea@chu.mssante.fr>');
const rcpt = (recipient = 'b@labo.mssante.fr') => client.ask(`RCPT TO:<${recipient}>`);
async function letter(content: string): Promise<string | undefined> {
  await client.ask('DATA');
  client.send(`${content}\r\n.\r\n`);
  return client.reply();
}

describe('verdicts', () => {
  test('a refused sender hears the code, status and words of the verdict', async () => {
    own.delivery.sender = () => refuse('sender-not-yours', 'test');
    expect(await mail()).toBe("550 5.7.1 Cette adresse d'expediteur n'est pas la votre");
    expect(await rcpt()).toMatch(/^503 /);
  });

  test('one refused recipient leaves the others', async () => {
    own.delivery.recipient = (_arrival, recipient) =>
      recipient.startsWith('plein') ? defer('mailbox-full', 'test') : refuse('mailbox-closed', 'test');
    await mail();
    expect(await rcpt('plein@labo.mssante.fr')).toMatch(/^452 4\.2\.2 /);
    expect(await rcpt('ferme@labo.mssante.fr')).toBe('550 5.2.1 Cette messagerie est fermee');
    own.delivery.recipient = () => ({ do: 'accept', because: 'test' });
    expect(await rcpt('ouvert@labo.mssante.fr')).toMatch(/^250 2\.1\.5 /);
    expect(await letter('A: b')).toMatch(/^250 2\.6\.0 /);
    expect(own.delivery.letters[0]?.recipients).toEqual([{ address: 'ouvert@labo.mssante.fr' }]);
  });

  test.each([report('citizen-unknown', 'test'), report('citizen-mailbox-closed', 'test'), hold('document-unreadable', 'test')])(
    'requirement 36: a recipient whose sender will be told by mail ($do $code) is 250 at RCPT',
    async (verdict) => {
      own.delivery.recipient = () => verdict;
      await mail();
      expect(await rcpt('279035121518989@patient.mssante.fr')).toMatch(/^250 2\.1\.5 /);
      expect(await letter('A: b')).toMatch(/^250 2\.6\.0 /);
      expect(own.delivery.letters[0]?.recipients).toEqual([{ address: '279035121518989@patient.mssante.fr' }]);
    },
  );

  test('requirement 37: who guesses addresses is put off with 450 4.7.1, and so is who tires the test address', async () => {
    await mail();
    own.delivery.recipient = () => defer('too-many-unknown-citizens', 'test');
    expect(await rcpt()).toMatch(/^450 4\.7\.1 Trop de courriers/);
    own.delivery.recipient = () => defer('test-address-busy', 'test');
    expect(await rcpt()).toMatch(/^450 4\.7\.1 L'adresse de test/);
  });

  test('a letter refused after its content is one reply, and the session goes on', async () => {
    own.delivery.outcome = () => refuse('exchange-ended', 'test');
    await mail();
    await rcpt();
    expect(await letter('A: b')).toMatch(/^550 5\.7\.1 Ce professionnel a mis fin a cet echange/);
    own.delivery.outcome = () => defer('try-later', 'test');
    await mail();
    await rcpt();
    expect(await letter('A: b')).toMatch(/^451 4\.3\.0 /);
    expect(await client.ask('NOOP')).toMatch(/^250 /);
  });

  test.each([
    ['an outage', () => new UnavailableError('db down'), /^451 4\.3\.0 /, false],
    ['a refusal thrown from below', () => new RefusedError('mailbox-closed', 'fermée'), /^550 5\.2\.1 /, false],
    [
      'a refusal with words of its own',
      () => new RefusedError('autre', 'Pièce jointe illisible'),
      /^550 5\.7\.1 Piece jointe illisible/,
      false,
    ],
    ['a bug of ours', () => new TypeError('279035121518989 is not a function'), /^451 4\.3\.0 /, true],
  ])('%s is answered the same at MAIL, RCPT and DATA', async (_name, error, expected, isLogged) => {
    const fail = () => Promise.reject(error());
    own.delivery.sender = fail;
    expect(await mail()).toMatch(expected);
    own.delivery.sender = () => ({ do: 'accept', because: 'test' });
    await mail();
    own.delivery.recipient = fail;
    expect(await rcpt()).toMatch(expected);
    own.delivery.recipient = () => ({ do: 'accept', because: 'test' });
    await rcpt();
    own.delivery.outcome = fail;
    expect(await letter('A: b')).toMatch(expected);
    expect(log.filter((line) => line.includes('smtp command failed'))).toHaveLength(isLogged ? 3 : 0);
    // Requirement 58: no matricule in the log, whatever the error says.
    expect(log.join('')).not.toContain('279035121518989');
  });
});

describe('recipients', () => {
  test('one named twice, in whatever case, is kept once', async () => {
    await mail();
    await rcpt('b@labo.mssante.fr');
    expect(await rcpt('B@LABO.mssante.fr')).toMatch(/^250 /);
    await letter('A: b');
    expect(own.delivery.letters[0]?.recipients).toEqual([{ address: 'b@labo.mssante.fr' }]);
  });

  test('beyond the bound: 452 4.5.3, and those before are served', async () => {
    await mail();
    for (const name of ['a', 'b', 'c']) expect(await rcpt(`${name}@labo.mssante.fr`)).toMatch(/^250 /);
    expect(await rcpt('d@labo.mssante.fr')).toMatch(/^452 4\.5\.3 /);
    expect(await rcpt('a@labo.mssante.fr')).toMatch(/^250 /);
    await letter('A: b');
    expect(own.delivery.letters[0]?.recipients).toHaveLength(3);
  });

  test.each([
    ['RCPT TO:<sans-domaine>', /^501 5\.1\.3 /],
    ['RCPT TO:<>', /^501 5\.1\.3 /],
    ['RCPT TO:<a@[127.0.0.1]>', /^550 5\.1\.3 /],
    ['RCPT TO:<é@labo.mssante.fr>', /^550 5\.1\.3 /],
    ['RCPT TO:<b@labo.mssante.fr> SIZE=1', /^555 5\.5\.4 /],
    ['RCPT TO:b@labo.mssante.fr', /^501 /],
  ])('%s is refused', async (command, expected) => {
    await mail();
    expect(await client.ask(command)).toMatch(expected);
  });

  test('RFC 5321 §4.5.1 a bare postmaster is the one of this host', async () => {
    await mail();
    expect(await rcpt('Postmaster')).toMatch(/^250 /);
    await letter('A: b');
    expect(own.delivery.letters[0]?.recipients).toEqual([{ address: 'postmaster@passerelle.test' }]);
  });
});

describe('senders', () => {
  test('the null sender reaches the judge as null', async () => {
    own.delivery.sender = (arrival) => (arrival.sender === null ? refuse('sender-not-yours', 'test') : { do: 'accept', because: 'test' });
    expect(await client.ask('MAIL FROM:<>')).toMatch(/^550 /);
  });

  test.each([
    ['MAIL FROM:<é@chu.mssante.fr>', /^501 5\.1\.7 /],
    ['MAIL FROM:<lea@chu.mssante.fr> SMTPUTF8', /^555 5\.5\.4 /],
    ['MAIL FROM:<lea@chu.mssante.fr> REQUIRETLS', /^555 5\.5\.4 /],
    ['MAIL FROM:<lea@chu.mssante.fr> BODY=BINARYMIME', /^501 /],
    ['MAIL FROM:<lea@chu.mssante.fr> SIZE=10000 BODY=8BITMIME', /^250 /],
  ])('%s', async (command, expected) => {
    expect(await client.ask(command)).toMatch(expected);
  });

  test('two letters of one session have two identifiers, and RSET forgets the envelope', async () => {
    for (let count = 0; count < 2; count += 1) {
      await mail();
      await rcpt();
      await letter('A: b');
    }
    const [first, second] = own.delivery.letters;
    expect(first?.arrival.id).not.toBe(second?.arrival.id);
    await mail();
    await rcpt();
    await client.ask('RSET');
    expect(await client.ask('DATA')).toMatch(/^503 /);
  });
});

describe('size, requirement 16', () => {
  test('requirement 16: an excess that is declared is refused at MAIL, 552 5.3.4; exactly the limit is not', async () => {
    expect(await client.ask('MAIL FROM:<lea@chu.mssante.fr> SIZE=10001')).toMatch(/^552 5\.3\.4 [A-Z]/);
    expect(await rcpt()).toMatch(/^503 /);
    expect(await client.ask('MAIL FROM:<lea@chu.mssante.fr> SIZE=10000')).toMatch(/^250 /);
  });

  test('a letter of exactly the limit passes, one byte more is 552 5.3.4, and the session goes on', async () => {
    await mail();
    await rcpt();
    expect(await letter('x'.repeat(9_998))).toMatch(/^250 /);
    expect(own.delivery.letters[0]?.content).toHaveLength(10_000);
    await mail();
    await rcpt();
    expect(await letter('x'.repeat(9_999))).toMatch(/^552 5\.3\.4 /);
    expect(own.delivery.letters).toHaveLength(1);
    expect(own.delivery.broken).toHaveLength(1);
    await mail();
    await rcpt();
    expect(await letter('x')).toMatch(/^250 /);
  });

  test('requirement 36: an excess that will be reported is read to the final dot, then 250, and the session goes on', async () => {
    own.delivery.tooLarge = () => ({ do: 'accepted' });
    await mail();
    await rcpt('279035121518989@patient.mssante.fr');
    await client.ask('DATA');
    client.send(`${'x'.repeat(15_000)}\r\n`);
    await until('the reader has what the limit allows', () => own.delivery.begun === 1);
    expect(client.unread).toEqual([]);
    client.send('RSET\r\n.\r\n');
    expect(await client.reply()).toMatch(/^250 2\.6\.0 /);
    expect(own.delivery.broken).toMatchObject([{ error: { code: 'letter-too-large' } }]);
    expect(own.delivery.broken[0]?.readBytes).toBeLessThanOrEqual(10_000);
    expect(await client.ask('NOOP')).toMatch(/^250 /);
  });

  test('an excess refused or put off by the path is answered in the words of the path', async () => {
    own.delivery.tooLarge = () => refuse('exchange-ended', 'test');
    await mail();
    await rcpt();
    expect(await letter('x'.repeat(12_000))).toMatch(/^550 5\.7\.1 Ce professionnel a mis fin/);
    own.delivery.tooLarge = () => defer('try-later', 'test');
    await mail();
    await rcpt();
    expect(await letter('x'.repeat(12_000))).toMatch(/^451 4\.3\.0 /);
  });

  test('a client that leaves in the middle of the excess is owed nothing: it will send again', async () => {
    own.delivery.tooLarge = () => ({ do: 'accepted' });
    await mail();
    await rcpt();
    await client.ask('DATA');
    client.send('x'.repeat(15_000));
    await until('the reader has begun', () => own.delivery.begun === 1);
    client.socket.destroy();
    await until('the reader is told', () => own.delivery.broken.length === 1);
    expect(own.delivery.broken).not.toMatchObject([{ error: { code: 'letter-too-large' } }]);
    expect(log.filter((line) => line.includes('smtp command failed'))).toEqual([]);
  });

  test('beyond twice the limit the connection ends with 552, without waiting for the final dot, and nothing is reported', async () => {
    own.delivery.tooLarge = () => ({ do: 'accepted' });
    await mail();
    await rcpt();
    await client.ask('DATA');
    client.send('x'.repeat(30_000));
    expect(await client.reply()).toMatch(/^552 5\.3\.4 /);
    await client.closed;
    await until('the reader is told', () => own.delivery.broken.length === 1);
    expect(own.delivery.broken).not.toMatchObject([{ error: { code: 'letter-too-large' } }]);
  });

  test('a letter decided early is answered after its final dot only', async () => {
    own.delivery.deliver = async () => refuse('mailbox-closed', 'test');
    await mail();
    await rcpt();
    await client.ask('DATA');
    client.send(`${'x'.repeat(5_000)}\r\n`);
    client.send('RSET\r\nQUIT\r\n.\r\n');
    expect(await client.reply()).toMatch(/^550 5\.2\.1 /);
    expect(await client.ask('NOOP')).toMatch(/^250 /);
  });

  test('an acceptance before the end of the content is not believed', async () => {
    own.delivery.deliver = async () => ({ do: 'accepted' });
    await mail();
    await rcpt();
    expect(await letter('x')).toMatch(/^451 /);
  });
});
