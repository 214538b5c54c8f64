// Every French word of the notices to ordinary addresses. Read by anybody who passes by a telephone: calm, plain, and saying nothing.
import { oneLine } from '../one-line.ts';

/** What the operator says of where to go; absent: the notice says it in general words. */
export type NoticePlaces = {
  /** Where letters are read: https. */
  readonly readAt?: string | undefined;
  /** How to change one's choice: a page, an address, a telephone number. */
  readonly changeAt?: string | undefined;
};

/** A subject, and paragraphs. A paragraph may end with a link, whose words say where it leads. */
export type NoticeTexts = {
  readonly subject: string;
  readonly paragraphs: readonly { readonly words: string; readonly link?: string }[];
};

const greeting = { words: 'Bonjour,' };
const noReply = { words: "Cet avis est automatique : il est inutile d'y répondre." };
const maxPlace = 300;

/** Something waits. */
export function noticeTexts(places: NoticePlaces): NoticeTexts {
  return {
    subject: 'Un message vous attend',
    paragraphs: [
      greeting,
      { words: 'Un message vous attend dans votre messagerie sécurisée de santé.' },
      places.readAt === undefined
        ? { words: "Pour le lire, ouvrez cette messagerie comme d'habitude." }
        : { words: 'Pour le lire, ouvrez votre messagerie :', link: places.readAt },
      {
        words:
          "Par discrétion, cet avis ne dit ni qui vous écrit, ni de quoi il s'agit. Personne ne vous demandera votre mot de passe par courriel.",
      },
      howToChange(places),
      noReply,
    ],
  };
}

/** Nothing waits: somebody tries whether notices arrive. */
export function testTexts(places: NoticePlaces): NoticeTexts {
  return {
    subject: 'Essai des avis de votre messagerie',
    paragraphs: [
      greeting,
      {
        words:
          'Ceci est un essai : aucun message ne vous attend. Cette adresse reçoit bien les avis de votre messagerie sécurisée de santé.',
      },
      howToChange(places),
      noReply,
    ],
  };
}

function howToChange({ changeAt }: NoticePlaces) {
  const change =
    "Vous recevez cet avis parce que vous avez donné cette adresse. Pour en changer, choisir ce qui vous est signalé ou ne plus recevoir d'avis";
  if (changeAt === undefined) return { words: `${change}, adressez-vous au service qui tient votre messagerie.` };
  if (/^https:\/\/\S+$/.test(changeAt)) return { words: `${change} :`, link: changeAt };
  return { words: `${change} : ${oneLine(changeAt, maxPlace)}` };
}
