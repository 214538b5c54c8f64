import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ContentFacts, Facts, RecipientFacts, SenderFacts, Standing } from '../../policies/facts.ts';
import { judgeRecipient } from '../../policies/judge.ts';

const anySender: fc.Arbitrary<SenderFacts> = fc.record({
  kind: fc.constantFrom(
    'citizen' as const,
    'professional' as const,
    'gateway' as const,
    'other-operator' as const,
    'citizen-elsewhere' as const,
    'nobody' as const,
    'shut' as const,
  ),
  hasNullPath: fc.boolean(),
  guessesAddresses: fc.boolean(),
});
const state = fc.constantFrom('active' as const, 'suspended' as const, 'closed' as const, 'opposed' as const);
const anyRecipient: fc.Arbitrary<RecipientFacts> = fc.oneof(
  fc.record({ kind: fc.constantFrom('citizen' as const, 'professional' as const), state }),
  fc.record({ kind: fc.constant('test-address' as const), isBusy: fc.boolean() }),
  fc.constantFrom<RecipientFacts>({ kind: 'not-a-citizen-address' }, { kind: 'unknown-citizen' as const }, { kind: 'unknown-address' }),
  fc.record({ kind: fc.constantFrom('elsewhere' as const, 'citizen-elsewhere' as const), reachable: fc.boolean() }),
);
const anyStanding: fc.Arbitrary<Standing> = fc.record({
  exchange: fc.constantFrom('never-opened' as const, 'open' as const, 'ended' as const),
  isBlocked: fc.boolean(),
  mayWriteFirst: fc.constantFrom('no' as const, 'yes' as const, 'not-today' as const),
});
const anyContent: fc.Arbitrary<ContentFacts> = fc.record({
  size: fc.constantFrom('within' as const, 'too-large' as const, 'too-large-there' as const),
  documents: fc.constantFrom(
    'harmless' as const,
    'hidden-from-patient' as const,
    'about-someone-else' as const,
    'unreadable' as const,
    'hostile' as const,
  ),
  isAnswer: fc.boolean(),
});
const anyFacts: fc.Arbitrary<Facts> = fc.record({ sender: anySender, recipient: anyRecipient, standing: anyStanding, content: anyContent });

describe('what holds whatever the facts', () => {
  test('requirements 25, 33: a citizen reaches a professional only by a right, and never past a block', () => {
    fc.assert(
      fc.property(anyFacts, anySender, (one, sender) => {
        const asked = { ...one, sender: { ...sender, kind: 'citizen' as const } };
        const { exchange, mayWriteFirst, isBlocked } = asked.standing;
        if (judgeRecipient(asked).do === 'accept') expect((exchange === 'open' || mayWriteFirst === 'yes') && !isBlocked).toBe(true);
      }),
    );
  });

  test('requirement 31: no citizen’s letter is accepted, held or reported towards citizens, wherever either is kept', () => {
    fc.assert(
      fc.property(anyFacts, state, (one, recipientState) => {
        for (const recipient of [
          { kind: 'citizen' as const, state: recipientState },
          { kind: 'unknown-citizen' as const },
          { kind: 'test-address' as const, isBusy: false },
          { kind: 'citizen-elsewhere' as const, reachable: true },
        ])
          for (const kind of ['citizen', 'citizen-elsewhere'] as const)
            expect(judgeRecipient({ ...one, sender: { ...one.sender, kind }, recipient }).do).toBe('refuse');
      }),
    );
  });

  test('a mailbox that is not active, an address that is nobody’s and a domain out of reach take nothing from anyone', () => {
    fc.assert(
      fc.property(anyFacts, (one) => {
        const { recipient } = one;
        const canTake =
          'state' in recipient
            ? recipient.state === 'active'
            : recipient.kind === 'test-address' || ('reachable' in recipient && recipient.reachable);
        if (!canTake) expect(judgeRecipient(one).do).toMatch(/^(refuse|report|defer)$/);
      }),
    );
  });

  test('only what is for citizens gets reports and holds: everything else is refused in the protocol', () => {
    fc.assert(
      fc.property(anyFacts, (one) => {
        if (/^(report|hold)$/.test(judgeRecipient(one).do)) expect(one.recipient.kind).toMatch(/citizen/);
      }),
    );
  });

  test('the register never changes a verdict on someone who is not a citizen', () => {
    fc.assert(
      fc.property(anyFacts, anyStanding, (one, other) => {
        fc.pre(one.sender.kind !== 'citizen');
        expect(judgeRecipient({ ...one, standing: other })).toEqual(judgeRecipient(one));
      }),
    );
  });

  test('requirements 17, 37: a report, a receipt or another answer is never held', () => {
    fc.assert(
      fc.property(anyFacts, (one) => {
        const { sender, content } = one;
        const isAnswer = content.isAnswer || sender.hasNullPath;
        fc.pre(isAnswer || sender.kind === 'gateway');
        expect(judgeRecipient({ ...one, content: { ...content, isAnswer } }).do).not.toBe('hold');
      }),
    );
  });

  test('requirement 50: no letter brings a patient what must wait for a person’s decision, unless the gateway sends it', () => {
    fc.assert(
      fc.property(anyFacts, fc.constantFrom('hidden-from-patient', 'about-someone-else', 'unreadable'), (one, documents) => {
        const { sender, recipient, content } = one;
        fc.pre(sender.kind !== 'gateway' && (recipient.kind === 'citizen' || recipient.kind === 'citizen-elsewhere'));
        // Whatever has no sender is an answer: automationOf() says so.
        const isAnswer = content.isAnswer || sender.hasNullPath;
        expect(judgeRecipient({ ...one, content: { ...content, documents, isAnswer } }).do).not.toBe('accept');
      }),
    );
  });
});
