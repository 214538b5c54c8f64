// `passerelle citizen create`: a citizen comes into the registry, and their mailbox with them. Requirements 21 and 35.
import type { Command } from 'commander';
import { createCitizen } from '../../../directory/registry.ts';
import { isTestArc, parseIns } from '../../core/ins.ts';
import { asDecided } from '../author.ts';
import { byHelp } from '../decision.ts';
import { UsageError } from '../failures.ts';
import { parseBirthDate, parseBirthPlace, parseName, parseOid, parseSex } from '../name-identity.ts';
import { operatorCommand } from '../operator-command.ts';
import { withDatabase } from '../with-database.ts';

type Options = {
  readonly birthName: string;
  readonly firstGivenName: string;
  readonly birthDate: string;
  readonly sex: string;
  readonly givenNames?: string;
  readonly usedName?: string;
  readonly usedGivenName?: string;
  readonly birthPlace?: string;
  readonly oid?: string;
  readonly qualified?: true;
  readonly opposed?: true;
  readonly by?: string;
};

/** Somebody who is there stays as they are: an identity is brought up to date by the feed, with the authority of who qualified it. */
export function createCitizenCommand(): Command {
  return operatorCommand('create', 'Inscrit un citoyen, et sa boîte avec lui')
    .argument('<matricule>', 'matricule INS ; « - » le lit sur l’entrée standard')
    .requiredOption('--birth-name <nom>', 'nom de naissance')
    .requiredOption('--first-given-name <prénom>', 'premier prénom de l’acte de naissance')
    .requiredOption('--birth-date <date>', 'jour de naissance : 1979-03-28 ou 28/03/1979')
    .requiredOption('--sex <F|M>', 'sexe')
    .option('--given-names <prénoms>', 'tous les prénoms de naissance')
    .option('--used-name <nom>', 'nom utilisé')
    .option('--used-given-name <prénom>', 'prénom utilisé')
    .option('--birth-place <code>', 'code INSEE de la commune ou du pays de naissance')
    .option(
      '--oid <oid>',
      'autorité du matricule : 8 NIR, 9 NIA, 10 test, 11 démonstration ; ce qu’en dit son premier chiffre sans cette option',
    )
    .option('--qualified', 'identité vérifiée (INSi)')
    .option('--opposed', 'a refusé sa boîte avant qu’elle ne soit créée')
    .option('--by <nom>', byHelp)
    .action(
      withDatabase<[string], Options>(async (world, [typed], options) => {
        const ins = parseIns(typed);
        if (!ins) throw new UsageError('Un matricule INS a 15 caractères et une clé juste.');
        const { givenNames, usedName, usedGivenName, birthPlace } = options;
        const arc = options.oid === undefined ? undefined : parseOid('--oid', options.oid);
        const traits = {
          ins,
          ...(arc !== undefined && { arc }),
          qualified: options.qualified ?? false,
          birthName: parseName('--birth-name', options.birthName),
          firstGivenName: parseName('--first-given-name', options.firstGivenName),
          birthDate: parseBirthDate('--birth-date', options.birthDate, world.now),
          sex: parseSex('--sex', options.sex),
          ...(givenNames !== undefined && { givenNames: parseName('--given-names', givenNames) }),
          ...(usedName !== undefined && { usedName: parseName('--used-name', usedName) }),
          ...(usedGivenName !== undefined && { usedGivenName: parseName('--used-given-name', usedGivenName) }),
          ...(birthPlace !== undefined && { birthPlace: parseBirthPlace('--birth-place', birthPlace) }),
        };
        const state = options.opposed ? 'opposed' : 'created';
        const outcome = await asDecided(world, options, (trx) => createCitizen(trx, traits, state));
        const isAlarming = arc !== undefined && isTestArc(arc) && world.config.directory.identities === 'production';
        return {
          json: { created: outcome === 'created', isTestIdentity: arc !== undefined && isTestArc(arc) },
          text: text(outcome, isAlarming),
        };
      }),
    );
}

function text(outcome: 'created' | 'exists', isAlarming: boolean): string {
  if (outcome === 'exists') return 'Ce matricule était déjà connu : rien n’est changé. passerelle citizen show dit à qui il est.';
  const note = 'C’est une identité de test, dans un registre de production : une alarme le dira tant qu’elle y est.';
  return ['Ce citoyen est inscrit.', ...(isAlarming ? [note] : [])].join('\n');
}
