import { describe, expect, test } from 'vitest';
import { type AbsenceFacts, absenceAnswers } from '../../policies/absences.ts';
import { blockerOf } from '../../policies/blocker.ts';
import { strangers, unread } from '../../policies/facts.ts';
import { address } from '../support/address.ts';

const doctor = address('lea.martin@medecin.demo.mssante.fr');
const practice = address('cabinet.martin@medecin.demo.mssante.fr');
const ward = address('cardiologie@hopital.demo.mssante.fr');

test('of two who never met, and of a letter that nobody has read, nothing is held against anyone', () => {
  expect(strangers).toEqual({ exchange: 'never-opened', isBlocked: false, mayWriteFirst: 'no' });
  expect(unread).toEqual({ size: 'within', documents: 'harmless', isAnswer: false });
});

describe('requirement 33: who it is that blocks', () => {
  test('a person is one, by whichever of their mailboxes', () => {
    expect(blockerOf({ rpps: '99700101005', address: doctor })).toBe('rpps:99700101005');
    expect(blockerOf({ rpps: '99700101005', address: practice })).toBe(blockerOf({ rpps: '99700101005', address: doctor }));
  });

  test('a structure’s mailbox is alone', () => {
    expect(blockerOf({ address: ward })).toBe(`box:${ward}`);
    expect(blockerOf({ address: ward })).not.toBe(blockerOf({ address: practice }));
  });
});

describe('a day is a day in Paris', () => {
  test.each([
    ['winter, an hour before midnight there', '2026-01-15T22:59:59.999Z', '2026-01-15'],
    ['winter, at midnight there', '2026-01-15T23:00:00Z', '2026-01-16'],
    ['summer, before midnight there', '2026-07-15T21:59:59.999Z', '2026-07-15'],
    ['summer, at midnight there', '2026-07-15T22:00:00Z', '2026-07-16'],
    ['the night the clocks go back', '2026-10-25T22:30:00Z', '2026-10-25'],
    ['the new year', '2026-12-31T23:00:00Z', '2027-01-01'],
  ])('%s', async (_when, moment, day) => {
    // Imported here: a time zone that the system does not know would fail the import.
    const { parisDay } = await import('../../policies/paris-day.ts');
    expect(parisDay(new Date(moment))).toBe(day);
  });
});

describe('requirement 37: an absence answers people, and nobody else (RFC 3834 §2)', () => {
  const citizen = address('279035121518989@patient.mssante.fr');
  const facts = (more: Partial<AbsenceFacts> = {}): AbsenceFacts => ({
    sender: citizen,
    recipient: doctor,
    isAutomatic: false,
    isNamed: true,
    ...more,
  });

  test.each<[string, boolean, Partial<AbsenceFacts>]>([
    ['a citizen who wrote to them', true, {}],
    ['a colleague', true, { sender: practice }],
    ['a report, which comes from nobody', false, { sender: null }],
    ['a letter written by software', false, { isAutomatic: true }],
    ['a letter that does not name them', false, { isNamed: false }],
    ['their own letter', false, { sender: doctor }],
    ['a list’s owner', false, { sender: address('owner-list@medecin.demo.mssante.fr') }],
    ['a list’s request address', false, { sender: address('list-request@medecin.demo.mssante.fr') }],
    ['the mail system', false, { sender: address('MAILER-DAEMON@medecin.demo.mssante.fr') }],
    ['someone named Owner', true, { sender: address('jean.owner-dupont@medecin.demo.mssante.fr') }],
    ['someone whose name goes on after request', true, { sender: address('request-desk@medecin.demo.mssante.fr') }],
    ['the mail system’s namesake', true, { sender: address('mailer-daemons@medecin.demo.mssante.fr') }],
    ['the other namesake', true, { sender: address('my-mailer-daemon@medecin.demo.mssante.fr') }],
    ['someone asking for an appointment', true, { sender: address('a-requester@medecin.demo.mssante.fr') }],
    ['someone called like a list', true, { sender: address('owner-@medecin.demo.mssante.fr') }],
    ['the other such', true, { sender: address('-request@medecin.demo.mssante.fr') }],
  ])('%s: %s', (_who, answers, more) => {
    expect(absenceAnswers(facts(more))).toBe(answers);
  });
});
