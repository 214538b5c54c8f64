// `passerelle citizen find`: one citizen by their whole identity, as professionals find them: exactly, or not at all. Counted and traced as
// their questions are. Requirements 23 and 58.
import type { Command } from 'commander';
import { askCitizen, type FoundCitizen } from '../../../directory/book/ask-citizen.ts';
import { RefusedError } from '../../core/errors.ts';
import { type AuthorOptions, authorOf } from '../author.ts';
import { parseBirthDate, parseName } from '../name-identity.ts';
import { operatorCommand } from '../operator-command.ts';
import { citizenStates } from '../registry-text.ts';
import { withDatabase } from '../with-database.ts';

type Options = AuthorOptions & { readonly full?: true };

const refusals = {
  nobody: 'Aucun citoyen inscrit ici n’a exactement cette identité',
  several: 'Plusieurs citoyens ont cette identité : rien n’en est dit, leur matricule seul les distingue',
  'too-many': 'Trop de questions en une heure : celle-ci n’a pas été posée',
} as const;

/** Who has a matricule is asked by `citizen show`. */
export function findCitizenCommand(): Command {
  return operatorCommand('find', 'Trouve un citoyen par son identité entière ; chaque question est comptée et tracée')
    .argument('<nom>', 'nom de naissance entier')
    .argument('<prénom>', 'premier prénom de naissance')
    .argument('<naissance>', 'jour de naissance : 1979-03-28 ou 28/03/1979 ; « - » lit un de ces mots sur l’entrée standard')
    .option('--full', 'montre aussi son adresse, qui contient son matricule')
    .option('--by <nom>', 'qui le demande ; par défaut votre compte sur cette machine')
    .action(
      withDatabase<[string, string, string], Options>(async ({ db, config, now }, [name, givenName, date], options) => {
        const question = {
          about: 'identity' as const,
          birthName: parseName('L’argument <nom>', name),
          firstGivenName: parseName('L’argument <prénom>', givenName),
          birthDate: parseBirthDate('L’argument <naissance>', date, now),
        };
        const perHour = config.ldap.citizenQuestionsPerHour;
        const answer = await askCitizen(db, { by: authorOf(options), question, perHour, domain: config.hostedDomains.citizens, now });
        if (answer.found !== 'one') throw new RefusedError(`citizen-${answer.found}`, refusals[answer.found]);
        const { ins, address, ...citizen } = answer.citizen;
        const shown = options.full ? { ins, ...(address !== undefined && { address }) } : {};
        return { json: { ...citizen, ...shown }, text: text(answer.citizen, options.full === true) };
      }),
    );
}

function text({ citizenId, displayName, birthDate, sex, state, address }: FoundCitizen, isFull: boolean): string {
  const where = isFull ? [`Adresse   ${address ?? 'aucune qui soit ouverte'}`] : [];
  return [`${displayName} (numéro ${citizenId})`, `Naissance ${birthDate}, ${sex}`, `Boîte     ${citizenStates[state]}`, ...where].join(
    '\n',
  );
}
