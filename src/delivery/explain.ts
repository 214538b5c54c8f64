// « Pourquoi ne puis-je pas écrire à cette personne ? » : the facts and the judge of the one path, asked without a letter.
import { type FoundMailbox, findMailboxes } from '../../mailboxes/mailbox.ts';
import { judgingRule, type Rule } from '../../policies/judge.ts';
import { defer, type Verdict, type Words, wordsOf } from '../../policies/verdict.ts';
import type { Address } from '../core/address.ts';
import { newId } from '../core/ids.ts';
import type { Db } from '../database/tables.ts';
import { together } from '../database/together.ts';
import type { Arrival } from './arrival.ts';
import { isHosted, type Known, knowParties, type PartyRules } from './parties.ts';

/** What would be answered, the rule that says so, and the words for the person unless it is a plain yes. */
export type Explanation = { readonly verdict: Verdict; readonly rule: Pick<Rule, 'name' | 'sentence'>; readonly words?: Words };

/** What RCPT is told of one recipient. */
export type FoundRecipient = { readonly known: Known; readonly mailbox: FoundMailbox | undefined };

/** The verdict at RCPT with the rule behind it: the judge's, and then whether there is any room. Requirement 16. */
export function explainRecipient({ known, mailbox }: FoundRecipient): Explanation {
  const rule = judgingRule(known.facts);
  const isFull = rule.verdict.do === 'accept' && mailbox && mailbox.usedBytes >= mailbox.quotaBytes;
  return isFull ? explained(fullMailbox) : explained(rule);
}

/** The same for two addresses: a sender kept here as if they were signed in, any other as if their operator presented them. */
export async function explain(db: Db, rules: PartyRules, sender: Address, recipient: Address, now: Date): Promise<Explanation> {
  const arrival = imaginedArrival(rules, sender, now);
  const [{ known }, mailboxes] = await db
    .connection()
    .execute((one) => together([knowParties(one, rules, [{ arrival, recipient }], now), findMailboxes(one, [recipient])]));
  const [found] = known;
  if (!found) throw new Error('Every recipient has facts');
  return explainRecipient({ known: found, mailbox: mailboxes.get(recipient) });
}

type Explained = Pick<Rule, 'name' | 'sentence' | 'verdict'>;

const fullMailbox: Explained = {
  name: 'mailbox-is-full',
  sentence: 'La messagerie du destinataire est pleine : le courrier attend chez son expéditeur.',
  verdict: defer('mailbox-full', 'mailbox-is-full'),
};

function explained({ name, sentence, verdict }: Explained): Explanation {
  return { verdict, rule: { name, sentence }, ...(verdict.do !== 'accept' && { words: wordsOf(verdict.code) }) };
}

function imaginedArrival({ domains }: PartyRules, sender: Address, now: Date): Arrival {
  const isHere = isHosted(domains, sender);
  return {
    id: newId(now.getTime()),
    door: isHere ? 'submission' : 'mx',
    receivedAt: now,
    sender,
    // Nobody has signed in: only the address of the account is looked at.
    ...(isHere && { account: { address: sender, mailboxId: 0 } }),
    peer: { heloName: 'localhost', ip: '127.0.0.1', protocol: 'LOCAL' },
  };
}
