// `passerelle notice show`: where a citizen is told that something waits for them, and what for.
import type { Command } from 'commander';
import { readNoticePreference } from '../../../policies/notice-preferences.ts';
import { citizenHelp, nameCitizen } from '../name-parties.ts';
import { preferenceText } from '../notice-text.ts';
import { operatorCommand } from '../operator-command.ts';
import { withDatabase } from '../with-database.ts';

/** None is an answer too. */
export function showNoticesCommand(): Command {
  return operatorCommand('show', 'Dit où et de quoi un citoyen est averti')
    .argument('<citoyen>', citizenHelp)
    .action(
      withDatabase<[string]>(async (world, [typedCitizen]) => {
        const citizenId = await nameCitizen(world, typedCitizen);
        const preference = await readNoticePreference(world.db, citizenId);
        return { json: preference ? { citizenId, ...preference } : null, text: preferenceText(preference) };
      }),
    );
}
