import { describe, expect, test } from 'vitest';
import {
  type ContentFacts,
  type Facts,
  type RecipientFacts,
  type SenderFacts,
  type Standing,
  strangers,
  unread,
} from '../../policies/facts.ts';
import { judgeRecipient, judgingRule, rules } from '../../policies/judge.ts';
import { type VerdictCode, wordsOf } from '../../policies/verdict.ts';

const person = (kind: SenderFacts['kind'], more: Partial<SenderFacts> = {}): SenderFacts => ({
  kind,
  hasNullPath: false,
  guessesAddresses: false,
  ...more,
});
const citizen = person('citizen');
const doctor = person('professional');
const colleague = person('other-operator');
const report = person('other-operator', { hasNullPath: true });
const gateway = person('gateway');

const aCitizen: RecipientFacts = { kind: 'citizen', state: 'active' };
const aDoctor: RecipientFacts = { kind: 'professional', state: 'active' };
const nobodysMatricule: RecipientFacts = { kind: 'unknown-citizen' };
const elsewhere: RecipientFacts = { kind: 'elsewhere', reachable: true };
const citizenElsewhere: RecipientFacts = { kind: 'citizen-elsewhere', reachable: true };
const testAddress: RecipientFacts = { kind: 'test-address', isBusy: false };

const standing = (more: Partial<Standing>): Partial<Facts> => ({ standing: { ...strangers, ...more } });
const content = (more: Partial<ContentFacts>): Partial<Facts> => ({ content: { ...unread, ...more } });
const facts = (sender: SenderFacts, recipient: RecipientFacts, more: Partial<Facts> = {}): Facts => ({
  sender,
  recipient,
  standing: strangers,
  content: unread,
  ...more,
});

/** The judge's answer as one line: what is done, and its code. */
function said(one: Facts): string {
  const verdict = judgeRecipient(one);
  return verdict.do === 'accept' ? 'accept' : `${verdict.do} ${verdict.code} ${wordsOf(verdict.code as VerdictCode).status}`;
}

/** One row per rule, in the order of the rules: who writes, to whom, how things stand, and what the judge says. */
const table: [rule: string, says: string, Facts][] = [
  ['sender-is-nobody', 'refuse sender-not-yours 5.7.1', facts(person('nobody'), aDoctor)],
  ['sender-is-shut', 'refuse sender-closed 5.7.1', facts(person('shut'), aDoctor)],
  ['citizen-address-is-wrong', 'refuse address-malformed 5.1.3', facts(doctor, { kind: 'not-a-citizen-address' })],
  ['citizen-writes-to-citizen', 'refuse citizen-to-citizen 5.7.1', facts(citizen, aCitizen)],
  [
    'sender-guesses-addresses',
    'defer too-many-unknown-citizens 4.7.1',
    facts(person('professional', { guessesAddresses: true }), aCitizen),
  ],
  ['citizen-has-no-mailbox', 'report citizen-unknown 5.1.1', facts(doctor, nobodysMatricule)],
  ['citizen-mailbox-is-shut', 'report citizen-mailbox-closed 5.2.1', facts(doctor, { kind: 'citizen', state: 'closed' })],
  ['nobody-has-this-address', 'refuse address-unknown 5.1.1', facts(colleague, { kind: 'unknown-address' })],
  ['mailbox-is-shut', 'refuse mailbox-closed 5.2.1', facts(doctor, { kind: 'professional', state: 'closed' })],
  ['domain-is-out-of-reach', 'refuse recipient-not-hosted 5.7.1', facts(doctor, { kind: 'elsewhere', reachable: false })],
  ['nothing-is-relayed', 'refuse recipient-not-hosted 5.7.1', facts(colleague, elsewhere)],
  ['document-is-hostile', 'refuse document-hostile 5.7.1', facts(doctor, aDoctor, content({ documents: 'hostile' }))],
  ['letter-is-too-large-for-citizen', 'report too-large-for-citizen 5.3.4', facts(doctor, aCitizen, content({ size: 'too-large' }))],
  ['letter-is-too-large', 'refuse letter-too-large 5.3.4', facts(doctor, elsewhere, content({ size: 'too-large-there' }))],
  ['test-address-has-answered-enough', 'defer test-address-busy 4.7.1', facts(doctor, { kind: 'test-address', isBusy: true })],
  ['test-address-answers', 'accept', facts(colleague, testAddress)],
  [
    'answer-carries-document',
    'refuse document-in-answer 5.7.1',
    facts(report, aCitizen, content({ documents: 'hidden-from-patient', isAnswer: true })),
  ],
  ['automatic-letter', 'accept', facts(report, aCitizen, content({ isAnswer: true }))],
  [
    'citizen-is-blocked',
    'refuse blocked 5.7.1',
    facts(citizen, aDoctor, standing({ isBlocked: true, exchange: 'open', mayWriteFirst: 'yes' })),
  ],
  ['citizen-answers', 'accept', facts(citizen, aDoctor, standing({ exchange: 'open' }))],
  ['citizen-may-write-first', 'accept', facts(citizen, aDoctor, standing({ mayWriteFirst: 'yes' }))],
  [
    'citizen-has-written-enough-today',
    'refuse too-many-first-letters 5.7.1',
    facts(citizen, aDoctor, standing({ mayWriteFirst: 'not-today' })),
  ],
  ['exchange-has-ended', 'refuse exchange-ended 5.7.1', facts(citizen, aDoctor, standing({ exchange: 'ended' }))],
  ['citizen-writes-first', 'refuse exchange-never-opened 5.7.1', facts(citizen, aDoctor)],
  [
    'document-is-hidden-from-patient',
    'hold document-hidden-from-patient 4.7.1',
    facts(doctor, aCitizen, content({ documents: 'hidden-from-patient' })),
  ],
  [
    'document-is-about-someone-else',
    'hold document-about-someone-else 4.7.1',
    facts(doctor, aCitizen, content({ documents: 'about-someone-else' })),
  ],
  ['document-is-unreadable', 'hold document-unreadable 4.7.1', facts(colleague, aCitizen, content({ documents: 'unreadable' }))],
  ['anyone-else-writes', 'accept', facts(colleague, aCitizen)],
];

describe('requirements 15-17, 25-27, 29, 31-33, 35-37, 40, 47, 50: the rules, row by row', () => {
  test.each(table)('%s: %s', (rule, says, one) => {
    expect(said(one)).toBe(says);
    expect(judgingRule(one).name).toBe(rule);
    expect(judgeRecipient(one).because).toBe(rule);
  });

  test('every rule has its row here, in its order', () => {
    expect(table.map(([rule]) => rule)).toEqual(rules.map((rule) => rule.name));
  });
});

describe('what citizens may learn of each other: nothing', () => {
  test.each<[string, RecipientFacts]>([
    ['a citizen who is there', aCitizen],
    ['one who closed the mailbox', { kind: 'citizen', state: 'closed' }],
    ['one who refused it', { kind: 'citizen', state: 'opposed' }],
    ['nobody', nobodysMatricule],
    ['the test address', testAddress],
    ['the test address, busy', { kind: 'test-address', isBusy: true }],
  ])('requirement 31: to %s, a citizen hears the same refusal', (_whom, recipient) => {
    expect(said(facts(citizen, recipient))).toBe('refuse citizen-to-citizen 5.7.1');
    expect(said(facts(person('citizen', { guessesAddresses: true }), recipient))).toBe('refuse citizen-to-citizen 5.7.1');
  });

  test('requirement 31: citizens of two operators do not write to each other either', () => {
    const other = person('citizen-elsewhere');
    for (const recipient of [aCitizen, nobodysMatricule, testAddress, citizenElsewhere])
      expect(said(facts(other, recipient))).toBe('refuse citizen-to-citizen 5.7.1');
    expect(said(facts(citizen, citizenElsewhere, standing({ exchange: 'open' })))).toBe('refuse citizen-to-citizen 5.7.1');
    expect(said(facts(other, elsewhere))).toBe('refuse recipient-not-hosted 5.7.1');
    expect(said(facts(other, aDoctor))).toBe('accept');
  });

  test('requirement 35: a wrong key is said at once, to a citizen and to whoever guesses', () => {
    for (const sender of [citizen, person('other-operator', { guessesAddresses: true })])
      expect(said(facts(sender, { kind: 'not-a-citizen-address' }))).toBe('refuse address-malformed 5.1.3');
  });

  test('requirement 37: who guesses addresses hears the same of those that exist and of those that do not', () => {
    for (const kind of ['professional', 'other-operator'] as const)
      for (const recipient of [aCitizen, { kind: 'citizen', state: 'closed' }, nobodysMatricule] as const)
        expect(said(facts(person(kind, { guessesAddresses: true }), recipient))).toBe('defer too-many-unknown-citizens 4.7.1');
  });

  test('requirement 37: guessing closes neither the professionals’ mailboxes nor the test address', () => {
    for (const recipient of [aDoctor, testAddress])
      expect(said(facts(person('other-operator', { guessesAddresses: true }), recipient))).toBe('accept');
  });
});

describe('who is there', () => {
  test.each(['closed', 'suspended', 'opposed'] as const)(
    'requirements 21, 36: a %s citizen’s mailbox is answered by a message',
    (state) => {
      for (const sender of [doctor, colleague, report, gateway])
        expect(said(facts(sender, { kind: 'citizen', state }))).toBe('report citizen-mailbox-closed 5.2.1');
    },
  );

  test.each(['closed', 'suspended'] as const)(
    'requirement 21: a %s professional’s mailbox is refused, even to an open exchange',
    (state) => {
      for (const sender of [citizen, doctor, colleague, report])
        expect(said(facts(sender, { kind: 'professional', state }, standing({ exchange: 'open' })))).toBe('refuse mailbox-closed 5.2.1');
    },
  );

  test('requirement 15: a domain out of reach is refused to everyone, an open exchange included', () => {
    for (const sender of [citizen, doctor, colleague, report, gateway])
      expect(said(facts(sender, { kind: 'elsewhere', reachable: false }, standing({ exchange: 'open' })))).toBe(
        'refuse recipient-not-hosted 5.7.1',
      );
  });

  test('requirement 17: another operator’s report is not relayed either', () => {
    expect(said(facts(report, citizenElsewhere))).toBe('refuse recipient-not-hosted 5.7.1');
    expect(said(facts(doctor, { kind: 'citizen-elsewhere', reachable: false }))).toBe('refuse recipient-not-hosted 5.7.1');
    expect(judgeRecipient(facts(report, elsewhere))).toEqual({ do: 'refuse', code: 'recipient-not-hosted', because: 'nothing-is-relayed' });
  });

  test('people here, and the gateway itself, write elsewhere', () => {
    for (const sender of [doctor, gateway, person('professional', { hasNullPath: true })])
      expect(said(facts(sender, elsewhere))).toBe('accept');
    expect(said(facts(citizen, elsewhere, standing({ exchange: 'open' })))).toBe('accept');
    expect(said(facts(citizen, elsewhere))).toBe('refuse exchange-never-opened 5.7.1');
  });
});

describe('what the letter holds', () => {
  test('requirement 16: too large is a message towards a citizen and a refusal towards everyone else', () => {
    for (const size of ['too-large', 'too-large-there'] as const) {
      expect(said(facts(colleague, aCitizen, content({ size })))).toBe('report too-large-for-citizen 5.3.4');
      for (const recipient of [aDoctor, elsewhere, testAddress])
        expect(said(facts(doctor, recipient, content({ size })))).toBe('refuse letter-too-large 5.3.4');
      expect(said(facts(citizen, aDoctor, { ...content({ size }), ...standing({ exchange: 'open' }) }))).toBe(
        'refuse letter-too-large 5.3.4',
      );
    }
  });

  test('requirement 47: a hostile archive is refused whoever sends it and to whomever', () => {
    for (const sender of [doctor, colleague, report, gateway])
      for (const recipient of [aCitizen, aDoctor, testAddress])
        expect(said(facts(sender, recipient, content({ documents: 'hostile' })))).toBe('refuse document-hostile 5.7.1');
    expect(said(facts(citizen, aDoctor, { ...content({ documents: 'hostile' }), ...standing({ exchange: 'open' }) }))).toBe(
      'refuse document-hostile 5.7.1',
    );
  });

  test('requirement 50: a held letter is held for the citizen alone; a colleague in copy has it', () => {
    for (const documents of ['hidden-from-patient', 'about-someone-else', 'unreadable'] as const) {
      expect(said(facts(colleague, aCitizen, content({ documents })))).toMatch(/^hold /);
      for (const recipient of [aDoctor, elsewhere]) expect(said(facts(doctor, recipient, content({ documents })))).toBe('accept');
    }
  });

  test('requirements 17, 37, 50: what answers by itself brings a patient no such document, and is not held: nobody would be told', () => {
    for (const documents of ['hidden-from-patient', 'about-someone-else', 'unreadable'] as const) {
      const letter = content({ documents, isAnswer: true });
      for (const sender of [report, colleague, doctor, person('professional', { hasNullPath: true })]) {
        expect(said(facts(sender, aCitizen, letter))).toBe('refuse document-in-answer 5.7.1');
        expect(said(facts(sender, aDoctor, letter))).toBe('accept');
      }
      for (const sender of [doctor, person('professional', { hasNullPath: true })])
        expect(said(facts(sender, citizenElsewhere, letter))).toBe('refuse document-in-answer 5.7.1');
      expect(said(facts(gateway, aCitizen, letter))).toBe('accept');
    }
    expect(said(facts(report, aCitizen, content({ isAnswer: true })))).toBe('accept');
  });

  test('requirements 16, 37: an answer too large for a citizen is refused, as nobody would be told', () => {
    expect(said(facts(report, aCitizen, content({ size: 'too-large', isAnswer: true })))).toBe('refuse letter-too-large 5.3.4');
  });

  test('requirement 50: a patient whom another operator keeps is shown no more than one kept here', () => {
    for (const documents of ['hidden-from-patient', 'about-someone-else', 'unreadable'] as const) {
      expect(said(facts(doctor, citizenElsewhere, content({ documents })))).toMatch(/^hold /);
      expect(said(facts(gateway, citizenElsewhere, content({ documents })))).toBe('accept');
    }
    expect(said(facts(doctor, citizenElsewhere))).toBe('accept');
  });

  test('a citizen writes to a professional about whatever document', () => {
    for (const documents of ['hidden-from-patient', 'about-someone-else', 'unreadable'] as const)
      expect(said(facts(citizen, aDoctor, { ...content({ documents }), ...standing({ exchange: 'open' }) }))).toBe('accept');
  });
});

describe('a citizen writes to a professional', () => {
  test('requirement 32: a mailbox that agreed to be written to first takes a letter after an ending, within the day’s number', () => {
    expect(said(facts(citizen, aDoctor, standing({ exchange: 'ended', mayWriteFirst: 'yes' })))).toBe('accept');
    expect(said(facts(citizen, aDoctor, standing({ exchange: 'ended', mayWriteFirst: 'not-today' })))).toBe(
      'refuse too-many-first-letters 5.7.1',
    );
  });

  test('requirements 26, 32: an open exchange knows no daily number', () => {
    expect(said(facts(citizen, aDoctor, standing({ exchange: 'open', mayWriteFirst: 'not-today' })))).toBe('accept');
  });

  test('requirement 33: a block wins over everything the register says', () => {
    for (const exchange of ['never-opened', 'open', 'ended'] as const)
      for (const mayWriteFirst of ['no', 'yes', 'not-today'] as const)
        expect(said(facts(citizen, aDoctor, standing({ isBlocked: true, exchange, mayWriteFirst })))).toBe('refuse blocked 5.7.1');
  });
});
