// `passerelle citizen history`: who changed what of a citizen, and when. A matricule that changed is told, never shown. Requirement 59.
import type { Command } from 'commander';
import { readHistory } from '../../../directory/history.ts';
import { historyText, limitHelp, parseLimit, withoutMatricules } from '../history-text.ts';
import { citizenHelp, nameCitizen } from '../name-parties.ts';
import { operatorCommand } from '../operator-command.ts';
import { withDatabase } from '../with-database.ts';

/** Their identity, their mailbox's state, and who acts for them; the latest first. */
export function showCitizenHistoryCommand(): Command {
  return operatorCommand('history', 'Retrace les changements d’un citoyen : quoi, quand, par qui ; jamais de matricule')
    .argument('<citoyen>', citizenHelp)
    .option('--limit <nombre>', limitHelp, '100')
    .action(
      withDatabase<[string], { limit: string }>(async (world, [typed], options) => {
        const limit = parseLimit(options.limit);
        const id = String(await nameCitizen(world, typed));
        const own = await readHistory(world.db, { kind: 'citizen', id }, limit);
        const profiles = await readHistory(world.db, { kind: 'profile', id }, limit);
        const all = [...own, ...profiles].sort((one, other) => other.at.getTime() - one.at.getTime()).slice(0, limit);
        const lines = withoutMatricules(all);
        return { json: lines, text: historyText(lines) };
      }),
    );
}
