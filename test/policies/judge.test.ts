import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Facts, RecipientFacts, SenderFacts } from '../../policies/facts.ts';
import { judgeRecipient, judgingRule, rules } from '../../policies/judge.ts';
import { refusals } from '../../policies/verdict.ts';

const citizen: SenderFacts = { kind: 'citizen' };
const doctor: SenderFacts = { kind: 'professional' };
const colleague: SenderFacts = { kind: 'other-operator' };
const report: SenderFacts = { kind: 'nobody' };
const aCitizen: RecipientFacts = { kind: 'citizen', state: 'active' };
const aDoctor: RecipientFacts = { kind: 'professional', state: 'active', openToCitizens: false };
const aPharmacy: RecipientFacts = { kind: 'professional', state: 'active', openToCitizens: true };
const elsewhere: RecipientFacts = { kind: 'elsewhere', reachable: true };

/** One row per rule, in words: who writes, to whom, how things stand, and what the judge says. */
const table: [rule: string, says: string, Facts][] = [
  ['citizen-address-is-wrong', '5.1.3', { sender: doctor, recipient: { kind: 'not-a-citizen-address' }, exchange: 'never-opened' }],
  ['citizen-writes-to-citizen', '5.7.1', { sender: citizen, recipient: aCitizen, exchange: 'never-opened' }],
  ['citizen-has-no-mailbox', '5.1.1', { sender: doctor, recipient: { kind: 'unknown-citizen' }, exchange: 'never-opened' }],
  ['nobody-has-this-address', '5.1.1', { sender: colleague, recipient: { kind: 'unknown-address' }, exchange: 'never-opened' }],
  ['mailbox-is-closed', '5.2.1', { sender: doctor, recipient: { kind: 'citizen', state: 'closed' }, exchange: 'never-opened' }],
  ['domain-is-elsewhere', '5.7.1', { sender: doctor, recipient: { kind: 'elsewhere', reachable: false }, exchange: 'never-opened' }],
  ['nothing-is-relayed', '5.7.1', { sender: colleague, recipient: elsewhere, exchange: 'never-opened' }],
  ['citizen-answers', 'accept', { sender: citizen, recipient: aDoctor, exchange: 'open' }],
  ['citizen-may-write-first', 'accept', { sender: citizen, recipient: aPharmacy, exchange: 'never-opened' }],
  ['exchange-has-ended', '5.7.1', { sender: citizen, recipient: aDoctor, exchange: 'ended' }],
  ['citizen-writes-first', '5.7.1', { sender: citizen, recipient: aDoctor, exchange: 'never-opened' }],
  ['anyone-else-writes', 'accept', { sender: colleague, recipient: aCitizen, exchange: 'never-opened' }],
];

describe('requirements 15, 17, 25-27, 31, 32, 35, 36: the rules, row by row', () => {
  test.each(table)('%s: %s', (rule, says, facts) => {
    const verdict = judgeRecipient(facts);
    expect(judgingRule(facts).name).toBe(rule);
    expect(verdict.do === 'refuse' ? refusals[verdict.code].status : verdict.do).toBe(says);
  });

  test('every rule has its row here', () => {
    expect(table.map(([rule]) => rule)).toEqual(rules.map((rule) => rule.name));
  });

  test('requirement 17: a report reaches citizens and professionals alike', () => {
    for (const recipient of [aCitizen, aDoctor])
      expect(judgeRecipient({ sender: report, recipient, exchange: 'never-opened' }).do).toBe('accept');
  });
});

const state = fc.constantFrom('active' as const, 'suspended' as const, 'closed' as const);
const anySender = fc.constantFrom(citizen, doctor, colleague, report);
const anyRecipient: fc.Arbitrary<RecipientFacts> = fc.oneof(
  fc.record({ kind: fc.constant('citizen' as const), state }),
  fc.record({ kind: fc.constant('professional' as const), state, openToCitizens: fc.boolean() }),
  fc.constantFrom<RecipientFacts>({ kind: 'not-a-citizen-address' }, { kind: 'unknown-citizen' }, { kind: 'unknown-address' }),
  fc.record({ kind: fc.constant('elsewhere' as const), reachable: fc.boolean() }),
);
const anyFacts: fc.Arbitrary<Facts> = fc.record({
  sender: anySender,
  recipient: anyRecipient,
  exchange: fc.constantFrom('never-opened' as const, 'open' as const, 'ended' as const),
});

describe('what holds whatever the facts', () => {
  test('requirement 25: a citizen reaches a professional only by an open exchange or an open door', () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const accepted = judgeRecipient({ ...facts, sender: citizen }).do === 'accept';
        const { recipient } = facts;
        const invited = facts.exchange === 'open' || (recipient.kind === 'professional' && recipient.openToCitizens);
        if (accepted) expect(invited).toBe(true);
      }),
    );
  });

  test('requirement 31: no state of the register lets a citizen write to a citizen', () => {
    fc.assert(
      fc.property(anyFacts, state, (facts, recipientState) => {
        expect(judgeRecipient({ ...facts, sender: citizen, recipient: { kind: 'citizen', state: recipientState } }).do).toBe('refuse');
      }),
    );
  });

  test('a mailbox that is not active, an address that is nobody’s and a domain out of reach take nothing from anyone', () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const { recipient } = facts;
        const canTake = 'state' in recipient ? recipient.state === 'active' : recipient.kind === 'elsewhere' && recipient.reachable;
        if (!canTake) expect(judgeRecipient(facts).do).toBe('refuse');
      }),
    );
  });

  test('the register never changes a verdict on someone who is not a citizen', () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        fc.pre(facts.sender.kind !== 'citizen');
        expect(judgeRecipient({ ...facts, exchange: 'ended' })).toEqual(judgeRecipient({ ...facts, exchange: 'open' }));
      }),
    );
  });
});
