// Every French word of automatic letters, in one place: reports, receipts, absences, notices, test answers. Requirements 36, 37, 40, 43.
// Read by doctors and by their patients: what happened, to whom, what to do next. What a verdict says comes from its own table
// (policies/verdict.ts) through the caller. Nothing here is taken from the letter that is spoken of, but for the test address.
import type { Address } from '../../core/address.ts';
import { oneLine } from '../one-line.ts';

/** One recipient of a reported letter, as a person is told of it. */
export type ToldRecipient = {
  readonly final: Address;
  /** `delayed` is a letter that is held until a person has decided. */
  readonly action: 'failed' | 'delayed' | 'delivered' | 'relayed';
  /** The French sentence, without its full stop, and what the reader can do about it. */
  readonly text: string;
  readonly step?: string;
  /** Of a failure: the recipient may have the letter all the same. */
  readonly isUncertain?: boolean;
};

/** A professional's absence. `until` is the first moment of presence again; the text is their own words. */
export type AbsenceNotice = { readonly from: Date; readonly until: Date; readonly text: string; readonly standIn?: Address };

/** What the test address tells of a letter it received. */
export type TestSummary = {
  readonly receivedAt: Date;
  /** In their order; however many there are, a bounded number is shown. */
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  /** As the door knew the other end. */
  readonly peer: {
    readonly heloName: string;
    readonly ip: string;
    readonly protocol: string;
    readonly certificateName?: string;
    readonly tls?: { readonly protocol: string; readonly cipher: string };
  };
  readonly verdict: { readonly code: string; readonly text: string };
  readonly sizeBytes: number;
};

/** A subject and a text; paragraphs are one line each, parted by an empty one. */
export type Texts = { readonly subject: string; readonly text: string };

const maxSentence = 500;
const maxAbsenceLines = 100;
const maxShownHeaders = 100;

/** How every automatic letter begins, and how it ends. */
export const greeting = 'Bonjour,';
export const noReply = "Ce message est automatique : il est inutile d'y répondre.";
const otherwise = 'Si votre message est urgent, joignez votre correspondant autrement, par téléphone par exemple.';
const emergency = "En cas d'urgence, n'attendez pas de réponse : appelez le 15 (SAMU) ou le 112.";

const dayFormat = new Intl.DateTimeFormat('fr-FR', { dateStyle: 'full', timeZone: 'Europe/Paris' });
const momentFormat = new Intl.DateTimeFormat('fr-FR', { dateStyle: 'full', timeStyle: 'short', timeZone: 'Europe/Paris' });
/** A moment as people read it. */
export const moment = (at: Date): string => `${momentFormat.format(at)} (heure de Paris)`;

type Said = ToldRecipient['action'] | 'uncertain';

const saidOf = ({ action, isUncertain }: ToldRecipient): Said => (isUncertain ? 'uncertain' : action);

/** The gravest first: it gives the report its subject. */
const sayings: readonly Said[] = ['failed', 'uncertain', 'delayed', 'relayed', 'delivered'];

const reportSubjects: Readonly<Record<Said, string>> = {
  failed: 'Message non distribué',
  uncertain: 'Message peut-être non distribué',
  delayed: 'Message retenu',
  relayed: 'Message transmis',
  delivered: 'Message distribué',
};

/** What comes before the recipients, and what comes after them. */
const reportSentences: Readonly<Record<Said, { before(letter: string, isOne: boolean): string; readonly after: string }>> = {
  failed: {
    before: (letter, isOne) =>
      isOne
        ? `${letter} n'a pas pu être remis à ce destinataire, qui ne l'a donc pas reçu :`
        : `${letter} n'a pas pu être remis à ces destinataires, qui ne l'ont donc pas reçu :`,
    after: otherwise,
  },
  uncertain: {
    before: (letter, isOne) =>
      `Nous ne savons pas si ${lowerFirst(letter)} a été remis à ${isOne ? 'ce destinataire' : 'ces destinataires'} :`,
    after: otherwise,
  },
  delayed: {
    before: (letter, isOne) => `${letter} est retenu. Il n'a pas encore été remis à ${isOne ? 'ce destinataire' : 'ces destinataires'} :`,
    after: `Un autre message automatique vous dira ce qu'il est devenu. ${otherwise}`,
  },
  relayed: {
    before: (letter, isOne) => `${letter} a été transmis à la messagerie de ${isOne ? 'ce destinataire' : 'ces destinataires'} :`,
    after: "Cette messagerie ne confirme pas les remises : vous ne recevrez pas d'autre avis, sauf si elle signale un échec.",
  },
  delivered: {
    before: (letter, isOne) => `${letter} a été déposé dans la messagerie de ${isOne ? 'ce destinataire' : 'ces destinataires'} :`,
    after: "Cela ne veut pas dire qu'il a été lu.",
  },
};

/** A report on the letter that arrived at `arrivalDate`, recipient by recipient. */
export function reportTexts(arrivalDate: Date, recipients: readonly ToldRecipient[]): Texts {
  const present = sayings.filter((said) => recipients.some((recipient) => saidOf(recipient) === said));
  const letter = `Votre message du ${moment(arrivalDate)}`;
  const told = present.flatMap((said) => {
    const concerned = recipients.filter((recipient) => saidOf(recipient) === said);
    const { before, after } = reportSentences[said];
    return [before(letter, concerned.length === 1), ...alike(concerned), after];
  });
  return { subject: reportSubjects[present[0] ?? 'failed'], text: paragraphs(greeting, ...told, noReply) };
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** One paragraph for all recipients of whom the same is said. */
function alike(recipients: readonly ToldRecipient[]): string[] {
  const groups = new Map<string, string[]>();
  for (const { final, text, step } of recipients) {
    const said = [sentence(text), ...(step ? [`Que faire ? ${sentence(step)}`] : [])].filter((line) => line !== '').join('\n');
    const group = groups.get(said);
    if (group) group.push(final);
    else groups.set(said, [final]);
  }
  return [...groups].map(([said, addresses]) => [...addresses, ...(said === '' ? [] : [said])].join('\n'));
}

/** A letter was shown to its reader. RFC 8098 §2.1: shown, and nothing more is claimed. */
export function receiptTexts(reader: Address, displayedAt: Date): Texts {
  return {
    subject: 'Accusé de lecture',
    text: paragraphs(
      greeting,
      `Le message que vous avez adressé à ${reader} a été affiché le ${moment(displayedAt)}.`,
      "Cet accusé dit que le message a été affiché. Il ne garantit pas qu'il a été lu en entier, ni compris.",
      noReply,
    ),
  };
}

/** Sent in the name of the one who is absent. */
export function absenceTexts({ from, until, text, standIn }: AbsenceNotice): Texts {
  const first = dayFormat.format(from);
  const last = dayFormat.format(new Date(until.getTime() - 1));
  const dates = first === last ? `le ${first}` : `du ${first} au ${last}`;
  return {
    subject: 'Réponse automatique : absence',
    text: paragraphs(
      greeting,
      `Votre message est bien arrivé, mais votre correspondant est absent ${dates} : il ne le lira sans doute pas avant son retour.`,
      ...(standIn ? [`Pendant cette absence, le remplacement est assuré par : ${standIn}`] : []),
      ...ownWords(text),
      emergency,
      noReply,
    ),
  };
}

function ownWords(text: string): string[] {
  const lines = text
    .split(/\r\n|\r|\n/, maxAbsenceLines)
    .map((line) => oneLine(line, maxSentence))
    .join('\n')
    .trim();
  return lines === '' ? [] : ['Voici ce que votre correspondant vous fait savoir :', lines];
}

/** With a citizen's first letter to a correspondent. */
export function legalNoticeTexts(correspondent: Address): Texts {
  return {
    subject: 'À savoir sur les délais de lecture',
    text: paragraphs(
      greeting,
      `Vous venez d'écrire pour la première fois à ${correspondent} par la messagerie sécurisée de santé.`,
      "Votre message sera lu quand votre correspondant sera disponible. Aucun délai de lecture ni de réponse n'est promis : un délai, même long, n'engage la responsabilité de personne.",
      "Cette messagerie n'est pas un service d'urgence. En cas d'urgence, n'attendez pas de réponse : appelez le 15 (SAMU) ou le 112. Les personnes sourdes ou malentendantes peuvent envoyer un SMS au 114.",
      noReply,
    ),
  };
}

/** What the test address received. */
export function testAnswerTexts({ receivedAt, headers, peer, verdict, sizeBytes }: TestSummary): Texts {
  const shown = headers.slice(0, maxShownHeaders);
  const left = headers.length - shown.length;
  return {
    subject: "Réponse de l'adresse de test",
    text: paragraphs(
      greeting,
      'Votre message de test est bien arrivé. Voici ce qui a été reçu.',
      [
        `Reçu le : ${moment(receivedAt)}`,
        `Taille : ${sizeBytes.toLocaleString('fr-FR')} octets`,
        `Décision : ${oneLine(verdict.text, maxSentence)} (${oneLine(verdict.code, 100)})`,
      ].join('\n'),
      [
        'Connexion',
        `Nom annoncé : ${oneLine(peer.heloName, 255)}`,
        `Adresse IP : ${oneLine(peer.ip, 100)}`,
        `Protocole : ${oneLine(peer.protocol, 100)}`,
        `Chiffrement : ${peer.tls ? oneLine(`${peer.tls.protocol} ${peer.tls.cipher}`, 200) : 'non connu'}`,
        `Certificat : ${peer.certificateName ? oneLine(peer.certificateName, maxSentence) : 'aucun présenté'}`,
      ].join('\n'),
      [
        `En-têtes (${headers.length.toLocaleString('fr-FR')})`,
        ...shown.map(({ name, value }) => `${oneLine(name, 100)} : ${oneLine(value, maxSentence)}`),
        ...(left > 0 ? [`et ${left.toLocaleString('fr-FR')} autres, qui ne sont pas montrés`] : []),
      ].join('\n'),
      noReply,
    ),
  };
}

/** A mailbox that nobody opens. The days are absent for what never comes. */
export type IdleFacts = { readonly mailbox: Address; readonly since: Date; readonly suspendFrom?: Date; readonly unpublishFrom?: Date };

/** To its holder, in that mailbox. */
export function idleTexts({ mailbox, since, suspendFrom, unpublishFrom }: IdleFacts): Texts {
  const coming = [
    ...(suspendFrom
      ? [`À partir du ${dayFormat.format(suspendFrom)}, elle sera suspendue : les messages qui lui sont adressés seront refusés.`]
      : []),
    ...(unpublishFrom ? [`À partir du ${dayFormat.format(unpublishFrom)}, elle n'apparaîtra plus dans l'annuaire.`] : []),
  ];
  return {
    subject: "Votre messagerie n'est plus consultée",
    text: paragraphs(
      greeting,
      `La messagerie ${mailbox} n'a pas été ouverte depuis le ${dayFormat.format(since)}.`,
      ...(coming.length > 0 ? [`Si personne ne l'ouvre d'ici là :\n${coming.join('\n')}`] : []),
      "Que faire ? Pour la conserver, il suffit de vous y connecter une fois, avec votre logiciel habituel. Si vous n'en avez plus besoin, demandez sa fermeture à qui vous l'a ouverte.",
      noReply,
    ),
  };
}

/** One line, ended as a sentence is. */
export function sentence(text: string): string {
  const line = oneLine(text, maxSentence);
  return line === '' || /[.!?…]$/.test(line) ? line : `${line}.`;
}

/** A text of paragraphs parted by an empty line. */
export function paragraphs(...texts: readonly string[]): string {
  return `${texts.join('\n\n')}\n`;
}
