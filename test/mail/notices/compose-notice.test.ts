// The notice to an ordinary address says that something waits, and nothing that health or identity could be read from.
import fc from 'fast-check';
import { simpleParser } from 'mailparser';
import { expect, test } from 'vitest';
import { isSevenBit } from '../../../src/mail/automatic/seven-bit.ts';
import { composeNotice, type Notice } from '../../../src/mail/notices/compose-notice.ts';
import { address } from '../../support/address.ts';
import { hostileText } from '../automatic/facts.ts';

const notice: Notice = {
  from: { name: 'Messagerie sécurisée de santé', address: address('ne-pas-repondre@operateur.example') },
  to: address('dominique@fournisseur.example'),
  now: new Date('2026-11-22T08:00:00Z'),
  messageId: '<0b4c2f3e-0000-8000-8000-000000000001@mx.operateur.example>',
  readAt: 'https://messagerie.operateur.example/?a=1&b=2',
  changeAt: '01 23 45 67 89, du lundi au vendredi',
};

test('is two parts that say the same, in French, of themselves alone', async () => {
  const bytes = composeNotice(notice);
  expect(isSevenBit(bytes)).toBe(true);
  const mail = await simpleParser(bytes);
  expect(mail).toMatchObject({ subject: 'Un message vous attend', messageId: notice.messageId, date: notice.now });
  expect(mail.headers.get('auto-submitted')).toBe('auto-generated');
  expect([...mail.headers.keys()].sort()).toEqual(
    ['auto-submitted', 'content-type', 'date', 'from', 'message-id', 'mime-version', 'subject', 'to'].sort(),
  );
  expect(mail.text).toContain('Un message vous attend dans votre messagerie sécurisée de santé.');
  expect(mail.text).toContain('https://messagerie.operateur.example/?a=1&b=2');
  expect(mail.text).toContain("choisir ce qui vous est signalé ou ne plus recevoir d'avis : 01 23 45 67 89, du lundi au vendredi");
  expect(mail.html).toContain('<html lang="fr">');
  expect(mail.html).toContain('<a href="https://messagerie.operateur.example/?a=1&amp;b=2">');
  // Nothing is fetched from anywhere, and nothing is run.
  expect(mail.html).not.toMatch(/<(?:img|script|style|link|iframe|form)\b|\son\w+=|url\(/i);
  const words = (text: string) => text.replace(/\s+/g, ' ').trim();
  const shown = words(
    (mail.html || '')
      .replace(/<title>.*<\/title>/, '')
      .replace(/<[^>]+>/g, ' ')
      .replaceAll('&amp;', '&'),
  );
  expect(shown).toBe(words(mail.text ?? ''));
});

test('a test says that nothing waits; without places, general words', async () => {
  const { readAt: _read, changeAt: _change, ...bare } = notice;
  expect((await simpleParser(composeNotice({ ...notice, isTest: true }))).text).toContain('aucun message ne vous attend');
  const mail = await simpleParser(composeNotice(bare));
  expect(mail.text).toContain("Pour le lire, ouvrez cette messagerie comme d'habitude.");
  expect(mail.text).toContain("ou ne plus recevoir d'avis, adressez-vous au service qui tient votre messagerie.");
  expect(mail.html).not.toContain('<a ');
});

test('a page where the choice is changed is a link', async () => {
  const mail = await simpleParser(composeNotice({ ...notice, changeAt: 'https://operateur.example/avis' }));
  expect(mail.html).toContain('<a href="https://operateur.example/avis">https://operateur.example/avis</a>');
});

test('nothing an operator writes in a setting ends a field, adds one, or becomes markup', () => {
  fc.assert(
    fc.property(hostileText, hostileText, (name, changeAt) => {
      const bytes = composeNotice({ ...notice, from: { ...notice.from, name }, changeAt: `<b onclick=x>${changeAt}` });
      expect(isSevenBit(bytes)).toBe(true);
      const header = bytes.toString('latin1').split('\r\n\r\n', 1)[0] ?? '';
      const names = header.split(/\r\n(?![ \t])/).map((field) => field.slice(0, field.indexOf(':')));
      expect(names).toEqual(['From', 'To', 'Subject', 'Date', 'Message-ID', 'Auto-Submitted', 'MIME-Version', 'Content-Type']);
      expect(bytes.toString('latin1').split('\r\n<!DOCTYPE html>')[1]).not.toMatch(/<b\b/);
    }),
  );
});
