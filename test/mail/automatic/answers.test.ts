import { expect, test } from 'vitest';
import type { Address } from '../../../src/core/address.ts';
import {
  type AbsenceNotice,
  composeAbsence,
  composeLegalNotice,
  composeTestAnswer,
  type TestSummary,
} from '../../../src/mail/automatic/compose-answer.ts';
import { automationOf } from '../../../src/mail/automatic/recognise.ts';
import { parseHeaders } from '../../../src/mail/headers.ts';
import { doctor, now, patient, toDoctor } from './facts.ts';
import { onlyPart, type ReadBack, readBack } from './read-back.ts';

const toPatient = { ...toDoctor, from: { name: 'Dr Léa Martin', address: doctor }, to: patient };
const summer: AbsenceNotice = {
  from: new Date('2026-08-02T22:00:00Z'),
  until: new Date('2026-08-21T22:00:00Z'),
  text: 'Je suis en congé.\nBien à vous,\r\nLéa Martin',
  standIn: 'dr.durand@hopital.mssante.fr' as Address,
};
const summary: TestSummary = {
  receivedAt: now,
  headers: [
    { name: 'From', value: doctor },
    { name: 'Subject', value: 'Essai' },
  ],
  peer: {
    heloName: 'mx.hopital.mssante.fr',
    ip: '192.0.2.7',
    protocol: 'ESMTPS',
    certificateName: 'CN=mx.hopital.mssante.fr,O=Hôpital',
    tls: { protocol: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384' },
  },
  verdict: { code: 'accepted', text: 'Ce courrier est accepté' },
  sizeBytes: 12_345,
};

const textOf = (letter: ReadBack): string => onlyPart(letter, 'text/plain').toString().replaceAll('\r\n', '\n');
const absence = async (notice: AbsenceNotice): Promise<ReadBack> => readBack(composeAbsence({ ...toPatient, absence: notice }));
const testAnswer = async (more: Partial<TestSummary> = {}): Promise<string> =>
  textOf(await readBack(composeTestAnswer({ ...toDoctor, summary: { ...summary, ...more } })));

test('RFC 3834 an absence tells the dates, the stand-in, the own words, and whom to call in an emergency', async () => {
  const letter = await absence(summer);
  expect(letter.parsed.subject).toBe('Réponse automatique : absence');
  expect(letter.parsed.from?.value).toEqual([{ address: doctor, name: 'Dr Léa Martin' }]);
  const text = textOf(letter);
  for (const said of ['du lundi 3 août 2026 au vendredi 21 août 2026', summer.standIn, 'appelez le 15 (SAMU) ou le 112'])
    expect(text).toContain(said);
  expect(text).toContain('\n\nJe suis en congé.\nBien à vous,\nLéa Martin\n\n');
});

test('an absence of one day without a word needs neither', async () => {
  const text = textOf(await absence({ from: summer.from, until: new Date('2026-08-03T16:00:00Z'), text: ' \n\u202e\n' }));
  expect(text).toContain('absent le lundi 3 août 2026 :');
  expect(text).not.toContain('fait savoir');
  expect(text).not.toContain('remplacement');
});

test('a citizen is told that no delay is promised, that this is no emergency service, and whom to call', async () => {
  const letter = await readBack(composeLegalNotice({ ...toDoctor, to: patient, correspondent: doctor }));
  expect(letter.parsed.subject).toBe('À savoir sur les délais de lecture');
  const text = textOf(letter);
  for (const said of [doctor, "n'engage la responsabilité de personne", "n'est pas un service d'urgence", 'appelez le 15 (SAMU) ou le 112'])
    expect(text).toContain(said);
});

test('requirement 40: the test address tells the header, the connection and the verdict', async () => {
  const text = await testAnswer();
  for (const said of [
    `From : ${doctor}`,
    'Subject : Essai',
    'Nom annoncé : mx.hopital.mssante.fr',
    'Adresse IP : 192.0.2.7',
    'Chiffrement : TLSv1.3 TLS_AES_256_GCM_SHA384',
    'Certificat : CN=mx.hopital.mssante.fr,O=Hôpital',
    'Décision : Ce courrier est accepté (accepted)',
    'Taille : 12\u202f345 octets',
    'En-têtes (2)',
  ])
    expect(text).toContain(`\n${said}\n`);
});

test('requirement 40: 10,000 fields of a megabyte are summed up in less than 128 KiB', async () => {
  const headers = Array.from({ length: 10_000 }, (_, at) => ({ name: `X-${at}`.padEnd(1000, 'n'), value: 'é'.repeat(1000) }));
  const text = await testAnswer({ headers });
  expect(Buffer.byteLength(text)).toBeLessThan(128 * 1024);
  expect(text).toContain('En-têtes (10\u202f000)');
  expect(text).toContain('et 9\u202f900 autres, qui ne sont pas montrés');
});

test('requirement 40: a peer without TLS and certificate is told so', async () => {
  const text = await testAnswer({ peer: { heloName: '', ip: '::1', protocol: 'LOCAL' } });
  expect(text).toContain('Chiffrement : non connu\nCertificat : aucun présenté\n');
});

test('requirement 37: whatever the house answers is recognised as an answer, by its header alone', () => {
  for (const letter of [
    composeAbsence({ ...toPatient, absence: summer }),
    composeLegalNotice({ ...toPatient, correspondent: doctor }),
    composeTestAnswer({ ...toDoctor, summary }),
  ])
    expect(automationOf(parseHeaders(letter), doctor)).toBe('answer');
});
