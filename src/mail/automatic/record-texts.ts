// The French words of automatic letters about copies in the national record: to a sender whose document was not copied, and to a citizen
// about a document that is hidden from them, or no longer is. Nothing of what a document is, or who wrote it. Requirements 50, 51, 54.
import { oneLine } from '../one-line.ts';
import { greeting, moment, noReply, paragraphs, sentence, type Texts } from './texts.ts';

/** Why a document was not copied. */
export type IntegrationFailure = {
  /** 900 to 906. domain.md §3.5. */
  readonly code: string;
  /** The French sentence, without its full stop, and what the sender can do. */
  readonly text: string;
  readonly step: string;
};

const maxSubject = 300;

/** To the sender of the letter that was taken at `takenAt`, whose subject is given back. */
export function integrationErrorTexts(takenAt: Date, subject: string | undefined, { code, text, step }: IntegrationFailure): Texts {
  const before = `[KO Intégration système !][${code}]`;
  return {
    subject: `${before} ${oneLine(subject ?? '', maxSubject)}`.trim(),
    text: paragraphs(
      greeting,
      `Un document joint à votre message du ${moment(takenAt)} n'a pas pu être copié dans le dossier médical partagé (Mon espace santé) de votre patient.`,
      `${sentence(text)} (code ${code})\nQue faire ? ${sentence(step)}`,
      'Cela ne change rien à votre message lui-même : il suit son cours vers ses destinataires.',
      noReply,
    ),
  };
}

const record = 'votre dossier médical partagé (Mon espace santé)';

/** To a citizen, a month after a document was put into their record under a mask. */
export function hiddenDocumentTexts(): Texts {
  return {
    subject: 'Un document de votre dossier vous attend',
    text: paragraphs(
      greeting,
      `Au moins un document a été déposé dans ${record} sans que vous puissiez encore le voir : un professionnel de santé souhaite vous l'expliquer d'abord.`,
      'Que faire ? Parlez-en au professionnel qui vous suit, ou à votre médecin traitant : il peut vous présenter ce document et vous y donner accès.',
      'Sans autre démarche, ce document deviendra visible de lui-même.',
      noReply,
    ),
  };
}

/** To a citizen, when such a document has become visible. */
export function shownDocumentTexts(): Texts {
  return {
    subject: 'Un document de votre dossier est maintenant visible',
    text: paragraphs(
      greeting,
      `Au moins un document de ${record}, qu'un professionnel de santé souhaitait vous expliquer d'abord, est maintenant visible pour vous.`,
      'Que faire ? Vous pouvez le lire dans Mon espace santé. Si vous préférez le découvrir accompagné, parlez-en au professionnel qui vous suit ou à votre médecin traitant.',
      noReply,
    ),
  };
}
