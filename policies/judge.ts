// Who may write to whom: a table read from top to bottom, the first rule that fits decides. Requirements 15 to 17, 25 to 37, 40, 47, 50.
// Pure: no database, no clock, no network. The same table answers the doors, « pourquoi ? » and the operator's « et si ? ».
import type { ContentFacts, Facts, RecipientFacts } from './facts.ts';
import { accept, defer, hold, refuse, report, type Verdict } from './verdict.ts';

/** One row: a name for the audit, a sentence a doctor could read, the case it covers and what follows. */
export type Rule = {
  readonly name: string;
  readonly sentence: string;
  readonly fits: (facts: Facts) => boolean;
  readonly verdict: Verdict;
};

/** A row is named by what it gives as the reason of its verdict. */
const rule = (verdict: Verdict, sentence: string, fits: Rule['fits']): Rule => ({ name: verdict.because, sentence, fits, verdict });

const to =
  (...kinds: RecipientFacts['kind'][]) =>
  ({ recipient }: Facts): boolean =>
    kinds.includes(recipient.kind);
const toCitizen = to('citizen');
const toPatient = to('citizen', 'citizen-elsewhere');
const isShut = ({ recipient }: Facts) => 'state' in recipient && recipient.state !== 'active';
const isTooLarge = ({ content }: Facts) => content.size !== 'within';
const documentsAre =
  (documents: ContentFacts['documents']) =>
  ({ content }: Facts): boolean =>
    content.documents === documents;
// A citizen stays a citizen, whatever reverse path a client gives: a null one must not open doors.
const fromCitizen = ({ sender }: Facts) => sender.kind === 'citizen';
const fromCitizenElsewhere = ({ sender }: Facts) => sender.kind === 'citizen-elsewhere';
// What a person must look at before a patient is given it.
const needsDecision = (facts: Facts) =>
  toPatient(facts) && ['hidden-from-patient', 'about-someone-else', 'unreadable'].includes(facts.content.documents);

/** The rules in the order they are read. */
export const rules: readonly Rule[] = [
  rule(
    refuse('sender-not-yours', 'sender-is-nobody'),
    'L’adresse de l’expéditeur est d’ici, et n’est à personne.',
    ({ sender }) => sender.kind === 'nobody',
  ),
  rule(
    refuse('sender-closed', 'sender-is-shut'),
    'La messagerie de l’expéditeur est d’ici, et n’est pas ouverte.',
    ({ sender }) => sender.kind === 'shut',
  ),

  // Who is there at all. What citizens may not reach is told first, so that they learn nothing about other citizens.
  rule(
    refuse('address-malformed', 'citizen-address-is-wrong'),
    'Une adresse de citoyen est un matricule INS de 15 caractères dont la clé est juste.',
    to('not-a-citizen-address'),
  ),
  rule(
    refuse('citizen-to-citizen', 'citizen-writes-to-citizen'),
    'Un citoyen n’écrit pas à un autre citoyen, que cette adresse existe ou non.',
    (facts) =>
      (fromCitizen(facts) || fromCitizenElsewhere(facts)) && to('citizen', 'unknown-citizen', 'test-address', 'citizen-elsewhere')(facts),
  ),
  rule(
    defer('too-many-unknown-citizens', 'sender-guesses-addresses'),
    'Qui a écrit à trop de citoyens sans messagerie ouverte attend, que le suivant en ait une ou non.',
    (facts) => facts.sender.guessesAddresses && to('citizen', 'unknown-citizen')(facts),
  ),
  rule(report('citizen-unknown', 'citizen-has-no-mailbox'), 'Ce citoyen n’a pas de messagerie ici.', to('unknown-citizen')),
  rule(
    report('citizen-mailbox-closed', 'citizen-mailbox-is-shut'),
    'Le citoyen a fermé ou refusé sa messagerie, ou elle est suspendue.',
    (facts) => toCitizen(facts) && isShut(facts),
  ),
  rule(refuse('address-unknown', 'nobody-has-this-address'), 'Cette adresse n’est à personne.', to('unknown-address')),
  rule(refuse('mailbox-closed', 'mailbox-is-shut'), 'La messagerie du professionnel est fermée ou suspendue.', isShut),
  rule(
    refuse('recipient-not-hosted', 'domain-is-out-of-reach'),
    'Le domaine n’est pas joignable dans l’espace de confiance.',
    ({ recipient }) => 'reachable' in recipient && !recipient.reachable,
  ),
  rule(
    refuse('recipient-not-hosted', 'nothing-is-relayed'),
    'Un courrier venu d’un autre opérateur s’arrête ici : rien n’est relayé plus loin.',
    (facts) => (facts.sender.kind === 'other-operator' || fromCitizenElsewhere(facts)) && to('elsewhere', 'citizen-elsewhere')(facts),
  ),

  // What nobody may send, to anyone.
  rule(
    refuse('document-hostile', 'document-is-hostile'),
    'Une archive de documents faite pour nuire n’entre pas, quel que soit le destinataire.',
    documentsAre('hostile'),
  ),
  rule(
    report('too-large-for-citizen', 'letter-is-too-large-for-citizen'),
    'Un courrier trop lourd pour un citoyen est pris, puis son expéditeur est prévenu ; un avis, dont personne ne serait prévenu, ne l’est pas.',
    (facts) => toCitizen(facts) && isTooLarge(facts) && !facts.content.isAnswer,
  ),
  rule(
    refuse('letter-too-large', 'letter-is-too-large'),
    'Un courrier dépasse la taille permise, ici ou dans le domaine du destinataire.',
    isTooLarge,
  ),

  // Letters that no person wrote, or that no person reads.
  rule(
    defer('test-address-busy', 'test-address-has-answered-enough'),
    'L’adresse de test ne répond qu’un certain nombre de fois par heure.',
    ({ recipient }) => recipient.kind === 'test-address' && recipient.isBusy,
  ),
  rule(accept('test-address-answers'), 'Tout correspondant de l’espace de confiance peut écrire à l’adresse de test.', to('test-address')),
  rule(
    refuse('document-in-answer', 'answer-carries-document'),
    'Un avis ou un accusé ne porte pas au patient un document qu’un courrier ne lui porterait pas : il ne peut être retenu, personne ne serait prévenu.',
    (facts) => facts.content.isAnswer && facts.sender.kind !== 'gateway' && needsDecision(facts),
  ),
  rule(
    accept('automatic-letter'),
    'Un avis ou un accusé va où le courrier qu’il concerne est passé.',
    (facts) => !fromCitizen(facts) && (facts.sender.hasNullPath || facts.sender.kind === 'gateway'),
  ),

  // A citizen writes to a professional, here or elsewhere.
  rule(
    refuse('blocked', 'citizen-is-blocked'),
    'Le professionnel a bloqué ce citoyen, par l’une de ses messageries ; cela prime sur tout échange.',
    (facts) => fromCitizen(facts) && facts.standing.isBlocked,
  ),
  rule(
    accept('citizen-answers'),
    'Un citoyen écrit au professionnel qui lui a écrit et qui n’a pas mis fin à l’échange.',
    (facts) => fromCitizen(facts) && facts.standing.exchange === 'open',
  ),
  rule(
    accept('citizen-may-write-first'),
    'Un citoyen écrit le premier à une messagerie qui l’a choisi.',
    (facts) => fromCitizen(facts) && facts.standing.mayWriteFirst === 'yes',
  ),
  rule(
    refuse('too-many-first-letters', 'citizen-has-written-enough-today'),
    'Une messagerie à qui l’on écrit le premier fixe le nombre de courriers par citoyen et par jour.',
    (facts) => fromCitizen(facts) && facts.standing.mayWriteFirst === 'not-today',
  ),
  rule(
    refuse('exchange-ended', 'exchange-has-ended'),
    'Le professionnel a mis fin à l’échange ; son prochain courrier le rouvrira.',
    (facts) => fromCitizen(facts) && facts.standing.exchange === 'ended',
  ),
  rule(refuse('exchange-never-opened', 'citizen-writes-first'), 'Seul le professionnel ouvre un échange.', fromCitizen),

  // A professional writes to a citizen: what the documents say of this recipient.
  rule(
    hold('document-hidden-from-patient', 'document-is-hidden-from-patient'),
    'Un document que le patient ne doit pas encore voir n’est pas remis : une personne décidera.',
    (facts) => toPatient(facts) && documentsAre('hidden-from-patient')(facts),
  ),
  rule(
    hold('document-about-someone-else', 'document-is-about-someone-else'),
    'Un document au nom d’une autre personne n’est pas remis : une personne décidera.',
    (facts) => toPatient(facts) && documentsAre('about-someone-else')(facts),
  ),
  rule(
    hold('document-unreadable', 'document-is-unreadable'),
    'Une archive illisible peut cacher l’un ou l’autre : une personne décidera.',
    (facts) => toPatient(facts) && documentsAre('unreadable')(facts),
  ),
  rule(
    accept('anyone-else-writes'),
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
  const decides = rules.find((row) => row.fits(facts));
  if (!decides) throw new Error('The last rule must fit everything');
  return decides;
}
