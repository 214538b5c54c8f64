import { describe, expect, test } from 'vitest';
import { effectsOnCitizen, type LetterFacts } from '../../policies/letter-effects.ts';
import { address } from '../support/address.ts';

const doctor = address('lea.martin@medecin.demo.mssante.fr');
const ward = address('cardiologie@hopital.demo.mssante.fr');
const pharmacy = address('contact@pharmacie.demo.mssante.fr');
const citizenId = 7;

const letter = (more: Partial<LetterFacts> = {}): LetterFacts => ({
  sender: { kind: 'professional', address: doctor },
  isAutomatic: false,
  mssMes: undefined,
  subject: 'Vos résultats',
  replyTo: [],
  ...more,
});
const opened = (correspondent: typeof doctor, openedBy = doctor) => ({ do: 'open', citizenId, correspondent, openedBy });
const ended = (correspondent: typeof doctor, endedBy = doctor) => ({ do: 'end', citizenId, correspondent, endedBy });
const endedAll = (openedBy: typeof doctor) => ({ do: 'end-all', citizenId, openedBy });

describe('requirements 26, 29: a professional’s letter opens the exchange', () => {
  test.each(['professional', 'other-operator'] as const)('%s', (kind) => {
    expect(effectsOnCitizen(letter({ sender: { kind, address: doctor } }), citizenId)).toEqual([opened(doctor)]);
  });

  test('a letter without subject is a letter', () => {
    expect(effectsOnCitizen(letter({ subject: undefined }), citizenId)).toEqual([opened(doctor)]);
  });
});

describe('requirement 30: with a Reply-To, its addresses are opened and the sender is not', () => {
  test.each([
    ['one address', [ward], [opened(ward)]],
    ['two addresses', [ward, pharmacy], [opened(ward), opened(pharmacy)]],
    ['the same twice', [ward, ward], [opened(ward)]],
    ['the sender’s own', [doctor], [opened(doctor)]],
    ['the sender’s own and another', [doctor, ward], [opened(doctor), opened(ward)]],
  ])('%s', (_case, replyTo, effects) => {
    expect(effectsOnCitizen(letter({ replyTo }), citizenId)).toEqual(effects);
  });
});

describe('requirement 27: X-MSS-MES: FIN ends the exchange with the same letter', () => {
  test('the sender’s', () => {
    expect(effectsOnCitizen(letter({ mssMes: 'FIN' }), citizenId)).toEqual([ended(doctor)]);
  });

  test('and those it names in Reply-To, each once', () => {
    const effects = effectsOnCitizen(letter({ mssMes: 'FIN', replyTo: [ward, doctor, ward, pharmacy] }), citizenId);
    expect(effects).toEqual([ended(doctor), ended(ward), ended(pharmacy)]);
  });

  test.each(['fin', 'Fin', 'FIN ', ' FIN', '"FIN"', 'FINI', ''])('%j does nothing', (mssMes) => {
    expect(effectsOnCitizen(letter({ mssMes }), citizenId)).toEqual([opened(doctor)]);
  });
});

describe('requirement 28: the subject [FIN] ends everything the sender opened', () => {
  test('whatever the letter names in Reply-To', () => {
    expect(effectsOnCitizen(letter({ subject: '[FIN]' }), citizenId)).toEqual([endedAll(doctor)]);
    expect(effectsOnCitizen(letter({ subject: '[FIN]', replyTo: [ward] }), citizenId)).toEqual([endedAll(doctor)]);
  });

  test('with X-MSS-MES: FIN too, both are done', () => {
    const effects = effectsOnCitizen(letter({ subject: '[FIN]', mssMes: 'FIN', replyTo: [ward] }), citizenId);
    expect(effects).toEqual([ended(doctor), ended(ward), endedAll(doctor)]);
  });

  test.each([' [FIN]', '[FIN] ', '[fin]', '[Fin]', 'RE: [FIN]', 'FIN', '[FIN].', '=?utf-8?Q?=5BFIN=5D?=', ''])(
    '%j does nothing',
    (subject) => {
      expect(effectsOnCitizen(letter({ subject }), citizenId)).toEqual([opened(doctor)]);
    },
  );
});

describe('what changes nothing in the register', () => {
  const everything: Partial<LetterFacts>[] = [{}, { mssMes: 'FIN' }, { subject: '[FIN]' }, { replyTo: [ward] }];
  const nobodys: [string, Partial<LetterFacts>][] = [
    ['requirement 31: a citizen’s letter', { sender: { kind: 'citizen', address: doctor } }],
    ['requirement 31: a letter of another operator’s citizen', { sender: { kind: 'citizen-elsewhere', address: doctor } }],
    ['the gateway’s own', { sender: { kind: 'gateway', address: doctor } }],
    ['requirement 17: a report', { sender: { kind: 'other-operator', address: null } }],
    ['requirement 37: an automatic letter from a professional', { isAutomatic: true }],
    ['an automatic letter from elsewhere', { isAutomatic: true, sender: { kind: 'other-operator', address: doctor } }],
  ];

  test.each(nobodys)('%s', (_case, whose) => {
    for (const what of everything) expect(effectsOnCitizen(letter({ ...what, ...whose }), citizenId)).toEqual([]);
  });
});
