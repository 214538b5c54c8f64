// R1 §1.8, architecture §observe: an INS, a subject, a body, an address, a token never reach the log or the metrics, even
// when an error quotes them or a caller is careless.

import pg from 'pg';
import { expect, inject, test } from 'vitest';
import { createEvents } from '../../src/observe/events.ts';
import { createLog } from '../../src/observe/log.ts';
import { createMetrics } from '../../src/observe/metrics.ts';
import { scrubMessage, scrubText } from '../../src/observe/scrub.ts';
import { cpuMsOf } from '../support/cpu-time.ts';

const ins = '279035121518989';
const subject = 'Résultats de votre biopsie';
const body = 'Le carcinome est confirmé';
const token = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJkci5tYXJ0aW4ifQ.c2lnbmF0dXJl';
const password = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const address = `${ins}@patient.mssante.fr`;
const canaries = [
  ins,
  '2790351215189',
  '2 79 03 51 215 189 89',
  subject,
  'biopsie',
  body,
  token,
  password,
  address,
  'lea.martin',
  'hunter2',
];

function observed() {
  let written = '';
  const destination = {
    write(line: string) {
      written += line;
    },
  };
  const log = createLog({ level: 'trace', destination });
  const metrics = createMetrics();
  return { log, metrics, events: createEvents(log, metrics), lines: () => written };
}

async function refusedByPostgres(): Promise<unknown> {
  const client = new pg.Client({ ...inject('databaseServer') });
  await client.connect();
  try {
    await client.query('create temporary table canary (ins text primary key, subject text)');
    await client.query('insert into canary values ($1, $2)', [ins, subject]);
    return await client.query('insert into canary values ($1, $2)', [ins, subject]).catch((error: unknown) => error);
  } finally {
    await client.end();
  }
}

function refusedByJson(): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    return error;
  }
}

test('the course of a letter leaves none of its content in the log', async () => {
  const { log, metrics, events, lines } = observed();
  const arrivalId = '0193c2a0-0000-7000-8000-000000000001';
  events.sessionOpened({ door: 'submission' });
  events.authenticationFailed({ door: 'submission' });
  events.recipientRefused({ door: 'submission', arrivalId, code: 'unknown-citizen' });
  events.letterAccepted({ door: 'submission', arrivalId, sizeBytes: 2048, recipientCount: 2, tookMs: 12 });
  events.letterDeferred({ door: 'mx', arrivalId, because: `no answer from the directory for ${address}` });
  events.outboxFailed({ task: 'relay-letter', outboxId: '9', attempts: 2, isDead: false, because: `550 5.1.1 <${address}> unknown` });
  events.unexpectedError({ where: 'delivery', arrivalId, err: await refusedByPostgres() });
  events.unexpectedError({ where: 'mime', err: refusedByJson() });
  events.unexpectedError({ where: 'mime', err: new Error('Cannot index', { cause: new TypeError(`Unexpected "${subject}" in header`) }) });
  events.unexpectedError({
    where: 'login',
    err: new Error(`AUTH PLAIN ${Buffer.from(`\0lea.martin\0${password}`).toString('base64')} is odd`),
  });
  events.unexpectedError({ where: 'start', err: new Error('connect to postgres://passerelle:hunter2@db/passerelle failed') });

  // Careless callers.
  log.info({ ins, letter: { subject, headers: { subject } }, session: { token } }, 'careless fields');
  log.info({ note: { deep: [{ text: body, value: address }] }, number: Number(ins) }, `careless message for ${address}`);
  log.error(new Error(`Nothing known of ${ins}`));
  log.error({ err: new Error(`Nothing known of 2 79 03 51 215 189 89`) });
  log.info('values: %s %o', address, { subject });
  log.child({ recipient: address, note: ins }).warn('careless child');

  for (const canary of canaries) expect(lines()).not.toContain(canary);
  for (const canary of canaries) expect(await metrics.registry.metrics()).not.toContain(canary);
  for (const line of lines().trimEnd().split('\n')) expect(() => JSON.parse(line)).not.toThrow();
  // What an operator needs is still there.
  expect(lines()).toContain('"code":"23505"');
  expect(lines()).toContain('"constraint":"canary_pkey"');
  expect(lines()).toContain('Cannot index');
  expect(lines()).toContain(arrivalId);
});

test.each([
  ['a matricule without its key', 'for 2790351215189.', 'for [removed].'],
  ['a matricule of Corsica', 'for 1990 2A 1234567 89', 'for 1990 2A 1234567 89'],
  ['a spaced matricule', 'for 1 99 02 2A 123 456 78', 'for [removed]'],
  ['a lower-case matricule', 'for 199022a12345678', 'for [removed]'],
  ['an address', 'to <dr.paul@hopital.mssante.fr>: no', 'to <[removed]>: no'],
  ['a quoted local part', 'to "paul durand"@hopital.mssante.fr', 'to [removed]'],
  ['an address with a space-free INS and a port after it', `${address}:25`, '[removed]:25'],
  ['a bearer token', 'Authorization: Bearer abc.def-123', 'Authorization: Bearer [removed]'],
  ['an application password', `typed ${password.toLowerCase()}`, 'typed [removed]'],
  ['an identifier of ours, left alone', '0193c2a0-1111-7222-8333-444455556666', '0193c2a0-1111-7222-8333-444455556666'],
  ['a time, left alone', '2026-11-22T01:02:03.456Z', '2026-11-22T01:02:03.456Z'],
  ['an IP address, left alone', '192.168.100.200:50000', '192.168.100.200:50000'],
  ['a digest, left alone', '1234567890123456789012345678901234567890abcdef', '1234567890123456789012345678901234567890abcdef'],
])('%s', (_, text, expected) => {
  expect(scrubText(text)).toBe(expected);
});

test('a message keeps the plain names it quotes and loses everything else it quotes', () => {
  expect(scrubMessage('relation "letters" does not exist')).toBe('relation "letters" does not exist');
  expect(scrubMessage(`invalid input syntax: "${subject}"`)).toBe('invalid input syntax: [removed]');
  expect(scrubMessage(`Unexpected token 'L', "${body} is not valid JSON`)).toBe('Unexpected token [removed], [removed]');
});

test('a hostile message of a megabyte is cut, and quickly', () => {
  const spentMs = cpuMsOf(() => {
    expect(scrubText('a'.repeat(1_000_000)).length).toBeLessThan(3000);
    expect(scrubText('1 '.repeat(500_000)).length).toBeLessThan(3000);
    expect(scrubMessage(`"${'"a'.repeat(500_000)}`).length).toBeLessThan(50_000);
  });
  expect(spentMs).toBeLessThan(500);
});
