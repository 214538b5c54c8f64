// What a report says of one recipient: the verdict's own words, and those of what may go wrong after a letter was taken.
// French, calm, without a rule, a table or a host; what was found in a held letter is never told. Requirements 36, 46, 50.
import { deferrals, holds, refusals, reports, type Words } from '../../policies/verdict.ts';
import type { LaterCode } from '../delivery/automatic-letters.ts';
import type { ToldRecipient } from '../mail/automatic/texts.ts';

type Said = Pick<Words, 'text' | 'step'> & { readonly isUncertain?: boolean };

const later: Readonly<Record<LaterCode, Said>> = {
  'refused-there': {
    text: 'Le service de messagerie du destinataire n’a pas accepté ce courrier',
    step: 'Vérifier l’adresse dans l’annuaire, puis renvoyer le courrier ou joindre la personne autrement.',
  },
  'not-answered-there': {
    text: 'Le service de messagerie du destinataire n’a pas pris ce courrier malgré plusieurs essais',
    step: 'Joindre la personne autrement, ou renvoyer le courrier plus tard.',
  },
  'not-confirmed-there': {
    text: 'Le service de messagerie du destinataire a reçu ce courrier sans confirmer qu’il le prenait',
    step: 'Demander à la personne si elle l’a reçu, avant de le renvoyer.',
    isUncertain: true,
  },
  'not-known-in-time': {
    text: 'Ce courrier n’a pas pu être remis dans le délai prévu, et ne le sera plus',
    step: 'Joindre la personne autrement, ou renvoyer le courrier.',
  },
  'not-delivered': {
    text: 'Ce courrier n’a pas pu être remis malgré plusieurs essais',
    step: 'Renvoyer le courrier, ou joindre la personne autrement.',
  },
  'held-dropped': {
    text: 'Ce courrier, qui était retenu, a été écarté après examen : il ne sera pas remis',
    step: 'Corriger le courrier comme il vous a été indiqué, puis le renvoyer.',
  },
  'held-expired': {
    text: 'Ce courrier, qui était retenu, n’a pas été libéré à temps : il ne sera pas remis',
    step: 'Corriger le courrier comme il vous a été indiqué, puis le renvoyer.',
  },
};

const words: Readonly<Record<string, Said>> = { ...refusals, ...reports, ...holds, ...deferrals, ...later };

/** The sentence and the step of a code. Without one (delivered, relayed), or with one an older program left, nothing is added. */
export function reportWords(code: string | undefined): Pick<ToldRecipient, 'text' | 'step' | 'isUncertain'> {
  const said = code === undefined || !Object.hasOwn(words, code) ? undefined : words[code];
  return said ? { text: said.text, step: said.step, ...(said.isUncertain && { isUncertain: true }) } : { text: '' };
}
