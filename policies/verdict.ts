// What the judge answers, and the words a person reads when the answer is no. Requirements 15, 16, 25, 27, 31, 35, 36.
// The texts are French, calm, and name no rule, table or host; the enhanced codes follow RFC 3463 §3.

/** Why a letter is refused: a stable code for logs, metrics and software. */
export type RefusalCode = keyof typeof refusals;

/** Why a letter waits: the sender's software tries again by itself. */
export type DeferralCode = keyof typeof deferrals;

/** The judge's answer for one recipient. `because` is the rule's name, for the audit alone. */
export type Verdict = Accepted | Refused | Deferred;

export type Accepted = { readonly do: 'accept'; readonly because: string };
export type Refused = { readonly do: 'refuse'; readonly code: RefusalCode; readonly because: string };
export type Deferred = { readonly do: 'defer'; readonly code: DeferralCode; readonly because: string };

/** SMTP reply code, enhanced status code (RFC 3463) and French sentence of each refusal. */
export const refusals = {
  'address-malformed': {
    reply: 550,
    status: '5.1.3',
    text: "Cette adresse n'est pas valable : vérifiez les 15 caractères du matricule INS et sa clé",
  },
  'citizen-unknown': { reply: 550, status: '5.1.1', text: "Aucune messagerie citoyenne n'existe à cette adresse" },
  'address-unknown': { reply: 550, status: '5.1.1', text: "Cette adresse n'existe pas" },
  'mailbox-closed': { reply: 550, status: '5.2.1', text: 'Cette messagerie est fermée' },
  'exchange-never-opened': {
    reply: 550,
    status: '5.7.1',
    text: 'Vous ne pouvez écrire à ce professionnel que s’il vous a déjà écrit par messagerie sécurisée',
  },
  'exchange-ended': {
    reply: 550,
    status: '5.7.1',
    text: 'Ce professionnel a mis fin à cet échange : vous pourrez lui répondre dès qu’il vous écrira de nouveau',
  },
  'citizen-to-citizen': {
    reply: 550,
    status: '5.7.1',
    text: 'La messagerie citoyenne permet d’écrire aux professionnels de santé, pas à d’autres citoyens',
  },
  'sender-not-yours': { reply: 550, status: '5.7.1', text: "Cette adresse d'expéditeur n'est pas la vôtre" },
  'sender-not-listed': { reply: 550, status: '5.7.1', text: "Le domaine de l'expéditeur n'est pas présenté par votre certificat" },
  'recipient-not-hosted': { reply: 550, status: '5.7.1', text: "Ce destinataire n'est pas dans l'espace de confiance" },
  'header-too-large': { reply: 554, status: '5.6.0', text: "L'en-tête de ce courrier est trop long pour être lu" },
  'letter-too-large': { reply: 552, status: '5.3.4', text: 'Les pièces jointes dépassent la taille permise' },
} as const satisfies Record<string, { reply: number; status: `5.${number}.${number}`; text: string }>;

/** The same for what may succeed later. */
export const deferrals = {
  'mailbox-full': { reply: 452, status: '4.2.2', text: 'La messagerie du destinataire est pleine' },
  'try-later': { reply: 451, status: '4.3.0', text: 'Le service est momentanément indisponible, réessayez' },
} as const satisfies Record<string, { reply: number; status: `4.${number}.${number}`; text: string }>;

/** Shorthands that keep the rules readable. */
export const accept = (because: string): Accepted => ({ do: 'accept', because });
export const refuse = (code: RefusalCode, because: string): Refused => ({ do: 'refuse', code, because });
export const defer = (code: DeferralCode, because: string): Deferred => ({ do: 'defer', code, because });
