// What became of a copy, in the words of a citizen, and what a sender is told of one that failed. Calm, plain, and nothing of the content.
import type { MissingCode } from './describe-entry.ts';
import type { Copy } from './record-documents.ts';

/** A sentence for the sender, without its full stop, and what they can do about it. */
export type FailureWords = { readonly text: string; readonly step: string };

/** What a person is told of a copy. A document that is hidden from its patient is told of no differently: it was put into the record. */
export function copyWords({ state, code, fedAt }: Pick<Copy, 'state' | 'code' | 'fedAt'>): string {
  if (state === 'waiting') return 'Copie vers le dossier médical partagé (Mon espace santé) en cours.';
  if (state === 'fed') {
    const on = fedAt ? ` le ${dayFormat.format(fedAt)}` : '';
    return `Copie déposée dans le dossier médical partagé (Mon espace santé)${on}.`;
  }
  return `Pas de copie dans le dossier médical partagé (Mon espace santé) : ${reasons[code ?? ''] ?? otherReason}.`;
}

/** The words of a code: one of ours, or one of the record's own. */
export function failureWords(code: string): FailureWords {
  return failures[code] ?? otherFailure;
}

const dayFormat = new Intl.DateTimeFormat('fr-FR', { dateStyle: 'long', timeStyle: 'short', timeZone: 'Europe/Paris' });

const correct = 'Corriger le document dans votre logiciel, puis renvoyer le message.';
const otherReason = 'ce dossier n’a pas accepté le document';
const incomplete = 'il manque au document des renseignements que ce dossier demande';
const otherDocument = 'ce dossier contient un document différent qui porte le même identifiant';
const identity = 'l’identité portée par le document n’est pas celle que ce dossier attend';

/** Ends of the sentence « Pas de copie : … ». */
const reasons = table<string>({
  objection: 'le patient a demandé qu’il n’y en ait pas',
  'record-none': 'le patient n’a pas ce dossier',
  'record-closed': 'le dossier du patient est fermé',
  'not-a-type-of-the-record': 'ce type de document n’y est pas rangé',
  'too-many-documents': 'le message porte trop de documents',
  'not-answered': 'ce dossier n’a pas répondu malgré plusieurs essais',
  'bytes-missing': 'le document n’a pas pu être relu',
  'document-unreadable': 'le document n’a pas pu être relu',
  'document-damaged': 'le document est abîmé',
  'one-id-for-several': 'le message porte deux documents différents sous le même identifiant',
  'replaced-unknown': 'le document en remplace un autre, que ce dossier ne contient pas',
  'replaces-several': 'le document en remplace plusieurs autres',
  'no-qualified-ins': identity,
  'incomplete-ins': identity,
  'several-patients': 'le document nomme plusieurs personnes',
  XDSUnknownPatientId: identity,
  XDSPatientIdDoesNotMatch: identity,
  'not-identical': otherDocument,
  XDSNonIdenticalHash: otherDocument,
  XDSReplaceFailed: 'le document en remplace un autre, que ce dossier ne contient plus',
  'no-unique-id': incomplete,
  'unique-ids-differ': 'le document porte deux identifiants différents',
  'no-title': incomplete,
  language: incomplete,
  'no-creation-time': incomplete,
  'no-service-start': incomplete,
  'no-author': incomplete,
  'no-legal-authenticator': incomplete,
  format: incomplete,
  'facility-type': incomplete,
  'practice-setting': incomplete,
  confidentiality: incomplete,
});

const missing = (what: string): FailureWords => ({ text: `Le document n’indique pas ${what}`, step: correct });
const notKnown = (what: string): FailureWords => ({
  text: `${what} n’est pas indiqué, ou n’est pas de ceux que le dossier médical partagé accepte`,
  step: correct,
});
const identityStep = 'Qualifier l’identité (INS) du patient dans votre logiciel, puis renvoyer le message.';
const different: FailureWords = {
  text: 'Le dossier médical partagé contient un document différent qui porte le même identifiant',
  step: 'Donner un nouvel identifiant au document, ou l’envoyer comme un remplacement.',
};
const unread: FailureWords = { text: 'Le document n’a pas pu être relu', step: 'Renvoyer le message.' };

const failures = table<FailureWords>({
  'not-answered': {
    text: 'Le dossier médical partagé n’a pas répondu malgré plusieurs essais',
    step: 'Déposer le document dans ce dossier par votre logiciel, ou renvoyer le message plus tard.',
  },
  'not-a-type-of-the-record': {
    text: 'Ce type de document n’est pas rangé dans le dossier médical partagé',
    step: 'Vérifier le type du document ; rien d’autre n’est à faire s’il est juste.',
  },
  'bytes-missing': unread,
  'document-unreadable': unread,
  'one-id-for-several': {
    text: 'Le message porte deux documents différents sous le même identifiant',
    step: 'Donner à chaque document son propre identifiant, puis renvoyer le message.',
  },
  'document-damaged': { text: 'Le document joint est abîmé', step: 'Produire de nouveau le document, puis renvoyer le message.' },
  'replaced-unknown': {
    text: 'Le document en remplace un autre, que le dossier médical partagé ne contient pas',
    step: 'Envoyer d’abord le document d’origine, ou envoyer celui-ci comme un nouveau document.',
  },
  'replaces-several': { text: 'Le document en remplace plusieurs autres, ce que le dossier médical partagé ne permet pas', step: correct },
  XDSReplaceFailed: {
    text: 'Le document en remplace un autre, que le dossier médical partagé a retiré ou déjà remplacé',
    step: 'Remplacer la dernière version du document, ou envoyer celui-ci comme un nouveau document.',
  },
  'no-qualified-ins': { text: 'Le document ne porte pas d’identité nationale de santé (INS) qualifiée', step: identityStep },
  'incomplete-ins': { text: 'L’identité nationale de santé (INS) du document est incomplète', step: identityStep },
  'several-patients': { text: 'Le document et sa description ne nomment pas la même personne', step: correct },
  XDSUnknownPatientId: { text: 'Le dossier médical partagé ne connaît pas l’identité portée par le document', step: identityStep },
  XDSPatientIdDoesNotMatch: {
    text: 'L’identité portée par le document n’est pas celle que le dossier médical partagé connaît',
    step: identityStep,
  },
  'not-identical': different,
  XDSNonIdenticalHash: different,
  'no-unique-id': missing('d’identifiant unique'),
  'unique-ids-differ': { text: 'Le document et sa description portent deux identifiants différents', step: correct },
  'no-title': missing('de titre'),
  language: { text: 'La langue du document n’est pas indiquée, ou n’est pas celle que le dossier médical partagé accepte', step: correct },
  'no-creation-time': missing('sa date de création'),
  'no-service-start': missing('la date de l’acte'),
  'no-author': missing('son auteur'),
  'no-legal-authenticator': missing('qui en est responsable'),
  format: notKnown('Le format du document'),
  'facility-type': notKnown('Le type de l’établissement'),
  'practice-setting': notKnown('Le cadre d’exercice'),
  confidentiality: { text: 'Les codes de confidentialité du document ne sont pas ceux du dossier médical partagé', step: correct },
});

const otherFailure: FailureWords = {
  text: 'Le dossier médical partagé n’a pas accepté le document',
  step: 'Vérifier le document dans votre logiciel, puis renvoyer le message ; si le refus se répète, prévenir l’éditeur du logiciel.',
};

/** Every code of describe-entry.ts has its words; codes of the record may have none, and no name of Object.prototype is one. */
function table<Words>(words: Readonly<Record<MissingCode, Words> & Record<string, Words>>): Readonly<Record<string, Words | undefined>> {
  return Object.assign(Object.create(null) as Record<string, Words>, words);
}
