// What the judge answers, and the words a person reads when the answer is not a plain yes. Requirements 15, 16, 25, 27, 31 to 37, 47, 50.
// The texts are French, calm, and name no rule, table or host; the enhanced codes follow RFC 3463 §3.

/** Why a letter is refused: a stable code for logs, metrics and software. */
export type RefusalCode = keyof typeof refusals;

/** Why a letter is taken and then answered by an automatic message instead of being delivered. */
export type ReportCode = keyof typeof reports;

/** Why a letter is kept apart until a person has decided. */
export type HoldCode = keyof typeof holds;

/** Why a letter waits: the sender's software tries again by itself. */
export type DeferralCode = keyof typeof deferrals;

/** Every code a person or a program may meet. */
export type VerdictCode = RefusalCode | ReportCode | HoldCode | DeferralCode;

/** The judge's answer for one recipient. `because` is the rule's name, for the audit alone. */
export type Verdict = Accepted | Refused | Reported | Held | Deferred;

export type Accepted = { readonly do: 'accept'; readonly because: string };
export type Refused = { readonly do: 'refuse'; readonly code: RefusalCode; readonly because: string };
export type Reported = { readonly do: 'report'; readonly code: ReportCode; readonly because: string };
export type Held = { readonly do: 'hold'; readonly code: HoldCode; readonly because: string };
export type Deferred = { readonly do: 'defer'; readonly code: DeferralCode; readonly because: string };

/** What a code says: an enhanced status (RFC 3463), the sentence for the person, and the step that would change the verdict. */
export type Words = { readonly status: `${2 | 4 | 5}.${number}.${number}`; readonly text: string; readonly step: string };

/** The same with the SMTP reply code it is answered with. */
export type ProtocolWords = Words & { readonly reply: number };

/** What is refused in the protocol. */
export const refusals = {
  'address-malformed': {
    reply: 550,
    status: '5.1.3',
    text: 'Cette adresse n’est pas valable : vérifiez les 15 caractères du matricule INS et sa clé',
    step: 'Corriger le matricule, clé comprise, puis renvoyer le courrier.',
  },
  'address-unknown': {
    reply: 550,
    status: '5.1.1',
    text: 'Cette adresse n’existe pas',
    step: 'Chercher l’adresse exacte dans l’annuaire.',
  },
  'mailbox-closed': {
    reply: 550,
    status: '5.2.1',
    text: 'Cette messagerie est fermée',
    step: 'Joindre la personne autrement, ou chercher une autre de ses adresses dans l’annuaire.',
  },
  'exchange-never-opened': {
    reply: 550,
    status: '5.7.1',
    text: 'Vous ne pouvez écrire à ce professionnel que s’il vous a déjà écrit par messagerie sécurisée',
    step: 'Demander au professionnel, par téléphone par exemple, de vous écrire le premier.',
  },
  'exchange-ended': {
    reply: 550,
    status: '5.7.1',
    text: 'Ce professionnel a mis fin à cet échange : vous pourrez lui répondre dès qu’il vous écrira de nouveau',
    step: 'Attendre que le professionnel écrive de nouveau, ou le joindre par téléphone.',
  },
  blocked: {
    reply: 550,
    status: '5.7.1',
    text: 'Ce professionnel a choisi de ne plus recevoir vos courriers par messagerie sécurisée',
    step: 'Joindre le professionnel par téléphone : lui seul peut revenir sur ce choix.',
  },
  'too-many-first-letters': {
    reply: 550,
    status: '5.7.1',
    text: 'Vous avez atteint le nombre de courriers que vous pouvez adresser aujourd’hui à cette messagerie',
    step: 'Écrire de nouveau demain, ou attendre une réponse.',
  },
  'citizen-to-citizen': {
    reply: 550,
    status: '5.7.1',
    text: 'La messagerie citoyenne permet d’écrire aux professionnels de santé, pas à d’autres citoyens',
    step: 'Retirer cette adresse des destinataires.',
  },
  'sender-not-yours': {
    reply: 550,
    status: '5.7.1',
    text: 'Cette adresse d’expéditeur n’est pas la vôtre',
    step: 'Régler l’adresse d’expéditeur du logiciel sur celle du compte.',
  },
  'sender-closed': {
    reply: 550,
    status: '5.7.1',
    text: 'Votre messagerie n’est pas ouverte : elle ne peut pas envoyer de courrier',
    step: 'Demander à l’opérateur de la messagerie de la rouvrir.',
  },
  'sender-not-listed': {
    reply: 550,
    status: '5.7.1',
    text: 'Le domaine de l’expéditeur n’est pas présenté par votre certificat',
    step: 'Faire inscrire le domaine et le certificat sur la liste blanche.',
  },
  'recipient-not-hosted': {
    reply: 550,
    status: '5.7.1',
    text: 'Ce destinataire n’est pas dans l’espace de confiance',
    step: 'Chercher une adresse MSSanté de ce correspondant dans l’annuaire.',
  },
  'header-too-large': {
    reply: 554,
    status: '5.6.0',
    text: 'L’en-tête de ce courrier est trop long pour être lu',
    step: 'Raccourcir la liste des destinataires ou des références, puis renvoyer le courrier.',
  },
  'letter-too-large': {
    reply: 552,
    status: '5.3.4',
    text: 'Ce courrier dépasse la taille permise',
    step: 'Envoyer les pièces jointes en plusieurs courriers, ou les alléger.',
  },
  'document-hostile': {
    reply: 554,
    status: '5.7.1',
    text: 'L’archive de documents jointe est dangereuse : elle n’a pas été ouverte',
    step: 'Reconstituer l’archive avec le logiciel qui l’a produite, puis renvoyer le courrier.',
  },
  'document-in-answer': {
    reply: 554,
    status: '5.7.1',
    text: 'Un courrier automatique ne peut pas remettre ces documents à un patient',
    step: 'Envoyer les documents par un courrier ordinaire, qui porte l’adresse de son expéditeur.',
  },
} as const satisfies Record<string, ProtocolWords>;

/** What is taken, and answered by one automatic message: towards citizens' mailboxes, as the national service does. Requirement 36. */
export const reports = {
  'citizen-unknown': {
    status: '5.1.1',
    text: 'Aucune messagerie citoyenne n’existe à cette adresse',
    step: 'Vérifier l’identité de la personne et son matricule INS, ou lui remettre le courrier autrement.',
  },
  'citizen-mailbox-closed': {
    status: '5.2.1',
    text: 'Cette messagerie citoyenne est fermée',
    step: 'Remettre le courrier à la personne autrement.',
  },
  'too-large-for-citizen': {
    status: '5.3.4',
    text: 'Ce courrier dépasse la taille permise',
    step: 'Envoyer les pièces jointes en plusieurs courriers, ou les alléger.',
  },
} as const satisfies Record<string, Words>;

/** What is kept apart; the sender is told at once, and again when it has been decided. Requirement 50. */
export const holds = {
  'document-hidden-from-patient': {
    status: '4.7.1',
    text: 'Ce courrier est retenu : un document joint est marqué comme non visible par le patient',
    step: 'Annoncer le document au patient, lever son masquage dans le logiciel, puis renvoyer le courrier.',
  },
  'document-about-someone-else': {
    status: '4.7.1',
    text: 'Ce courrier est retenu : un document joint concerne une autre personne que le destinataire',
    step: 'Vérifier le destinataire et l’identité portée par le document, puis renvoyer le courrier corrigé.',
  },
  'document-unreadable': {
    status: '4.7.1',
    text: 'Ce courrier est retenu : l’archive de documents jointe n’a pas pu être lue',
    step: 'Reconstituer l’archive avec le logiciel qui l’a produite, puis renvoyer le courrier.',
  },
} as const satisfies Record<string, Words>;

/** What may succeed later. */
export const deferrals = {
  'mailbox-full': {
    reply: 452,
    status: '4.2.2',
    text: 'La messagerie du destinataire est pleine',
    step: 'Réessayer plus tard : le destinataire doit libérer de la place.',
  },
  'try-later': {
    reply: 451,
    status: '4.3.0',
    text: 'Le service est momentanément indisponible, réessayez',
    step: 'Réessayer dans quelques minutes.',
  },
  'too-many-unknown-citizens': {
    reply: 450,
    status: '4.7.1',
    text: 'Trop de courriers vers des citoyens qui n’ont pas de messagerie ouverte : réessayez plus tard',
    step: 'Attendre une heure, et vérifier les matricules INS avant l’envoi.',
  },
  'test-address-busy': {
    reply: 450,
    status: '4.7.1',
    text: 'L’adresse de test a déjà répondu plusieurs fois : réessayez plus tard',
    step: 'Attendre une heure.',
  },
} as const satisfies Record<string, ProtocolWords>;

/** What a code says, whichever table it stands in. */
export function wordsOf(code: VerdictCode): Words {
  return { ...refusals, ...reports, ...holds, ...deferrals }[code];
}

/** Shorthands that keep the rules readable. */
export const accept = (because: string): Accepted => ({ do: 'accept', because });
export const refuse = (code: RefusalCode, because: string): Refused => ({ do: 'refuse', code, because });
export const report = (code: ReportCode, because: string): Reported => ({ do: 'report', code, because });
export const hold = (code: HoldCode, because: string): Held => ({ do: 'hold', code, because });
export const defer = (code: DeferralCode, because: string): Deferred => ({ do: 'defer', code, because });
