// Who may write to whom: a table read from top to bottom, the first rule that fits decides. Requirements 15, 17, 25 to 27, 29, 31, 32, 35, 36.
// Pure: no database, no clock, no network. The same table answers the doors, « pourquoi ? » and the operator's « et si ? ».
import type { Facts } from './facts.ts';
import { accept, refuse, type Verdict } from './verdict.ts';

/** One row: a name for the audit, a sentence a doctor could read, the case it covers and what follows. */
export type Rule = {
  readonly name: string;
  readonly sentence: string;
  readonly fits: (facts: Facts) => boolean;
  readonly verdict: Verdict;
};

const refusing = (name: string, code: Parameters<typeof refuse>[0], sentence: string, fits: Rule['fits']): Rule => ({
  name,
  sentence,
  fits,
  verdict: refuse(code, name),
});

const accepting = (name: string, sentence: string, fits: Rule['fits']): Rule => ({ name, sentence, fits, verdict: accept(name) });

const fromCitizen = ({ sender }: Facts) => sender.kind === 'citizen';
const isShut = ({ recipient }: Facts) => 'state' in recipient && recipient.state !== 'active';

/** The rules in the order they are read. */
export const rules: readonly Rule[] = [
  refusing(
    'citizen-address-is-wrong',
    'address-malformed',
    'Une adresse de citoyen est un matricule INS de 15 caractères dont la clé est juste.',
    ({ recipient }) => recipient.kind === 'not-a-citizen-address',
  ),
  refusing(
    'citizen-writes-to-citizen',
    'citizen-to-citizen',
    "Un citoyen n'écrit pas à un autre citoyen.",
    (facts) => fromCitizen(facts) && ['citizen', 'unknown-citizen'].includes(facts.recipient.kind),
  ),
  refusing(
    'citizen-has-no-mailbox',
    'citizen-unknown',
    "Ce citoyen n'a pas de messagerie ici.",
    ({ recipient }) => recipient.kind === 'unknown-citizen',
  ),
  refusing(
    'nobody-has-this-address',
    'address-unknown',
    "Cette adresse n'est à personne.",
    ({ recipient }) => recipient.kind === 'unknown-address',
  ),
  refusing('mailbox-is-closed', 'mailbox-closed', 'La messagerie est fermée ou suspendue.', isShut),
  refusing(
    'domain-is-elsewhere',
    'recipient-not-hosted',
    "Le domaine n'est pas joignable dans l'espace de confiance.",
    ({ recipient }) => recipient.kind === 'elsewhere' && !recipient.reachable,
  ),
  refusing(
    'nothing-is-relayed',
    'recipient-not-hosted',
    "Un courrier venu d'un autre opérateur s'arrête ici : rien n'est relayé plus loin.",
    ({ sender, recipient }) => recipient.kind === 'elsewhere' && sender.kind === 'other-operator',
  ),
  accepting(
    'citizen-answers',
    'Un citoyen écrit au professionnel qui lui a écrit et qui n’a pas mis fin à l’échange.',
    (facts) => fromCitizen(facts) && facts.exchange === 'open',
  ),
  accepting(
    'citizen-may-write-first',
    'Un citoyen écrit le premier à une messagerie qui l’a choisi.',
    (facts) => fromCitizen(facts) && facts.recipient.kind === 'professional' && facts.recipient.openToCitizens,
  ),
  refusing(
    'exchange-has-ended',
    'exchange-ended',
    'Le professionnel a mis fin à l’échange ; son prochain courrier le rouvrira.',
    (facts) => fromCitizen(facts) && facts.exchange === 'ended',
  ),
  refusing('citizen-writes-first', 'exchange-never-opened', 'Seul le professionnel ouvre un échange.', fromCitizen),
  accepting(
    'anyone-else-writes',
    'Professionnels, structures et automates de l’espace de confiance écrivent à toute messagerie ouverte.',
    () => true,
  ),
];

/** The verdict for one recipient. Never throws: the last rule fits everything. */
export function judgeRecipient(facts: Facts): Verdict {
  return judgingRule(facts).verdict;
}

/** The row that decides, for explanations. */
export function judgingRule(facts: Facts): Rule {
  const rule = rules.find((row) => row.fits(facts));
  if (!rule) throw new Error('The last rule must fit everything');
  return rule;
}
