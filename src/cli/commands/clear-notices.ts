// `passerelle notice clear`: a citizen wants no more notices, and their address is forgotten.
import type { Command } from 'commander';
import { clearNoticePreference } from '../../../policies/notice-preferences.ts';
import { RefusedError } from '../../core/errors.ts';
import { citizenHelp, nameCitizen } from '../name-parties.ts';
import { operatorCommand } from '../operator-command.ts';
import { withDatabase } from '../with-database.ts';

/** A notice that was owed already is not sent either. */
export function clearNoticesCommand(): Command {
  return operatorCommand('clear', 'Oublie l’adresse ordinaire d’un citoyen : plus aucun avis ne lui est envoyé')
    .argument('<citoyen>', citizenHelp)
    .action(
      withDatabase<[string]>(async (world, [typedCitizen]) => {
        const citizenId = await nameCitizen(world, typedCitizen);
        if (!(await clearNoticePreference(world.db, citizenId))) {
          throw new RefusedError('no-notices', 'Ce citoyen n’avait donné aucune adresse ordinaire');
        }
        return { json: { citizenId, changed: true }, text: 'L’adresse est oubliée : plus aucun avis ne sera envoyé.' };
      }),
    );
}
