// `passerelle citizen show`: a citizen as the registry has them. Their matricule is not said again. Requirements 21, 35, 38.
import type { Command } from 'commander';
import { profilesOf } from '../../../directory/attached-profiles.ts';
import { readCitizen } from '../../../directory/read-citizen.ts';
import { citizenText } from '../citizen-text.ts';
import { citizenHelp, nameCitizen } from '../name-parties.ts';
import { operatorCommand } from '../operator-command.ts';
import { withDatabase } from '../with-database.ts';

/** By any matricule they have or had. */
export function showCitizenCommand(): Command {
  return operatorCommand('show', 'Dit tout d’un citoyen, sauf son matricule : identité, état de sa boîte, qui agit pour qui')
    .argument('<citoyen>', citizenHelp)
    .action(
      withDatabase<[string]>(async (world, [typed]) => {
        const citizenId = await nameCitizen(world, typed);
        const citizen = await readCitizen(world.db, citizenId);
        if (!citizen) throw new Error('A citizen was found by their matricule, and has no row');
        const profiles = await profilesOf(world.db, citizenId, world.now);
        return { json: { ...citizen, ...profiles }, text: citizenText(citizen, profiles) };
      }),
    );
}
