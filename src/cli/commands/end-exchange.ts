// `passerelle exchange end`: what a letter with X-MSS-MES: FIN would do. Requirement 27.
import type { Command } from 'commander';
import { inTransaction } from '../../../mailboxes/in-transaction.ts';
import { applyEffects } from '../../../policies/register.ts';
import { correspondentHelp, namePair } from '../exchange-pair.ts';
import { citizenHelp } from '../name-parties.ts';
import { operatorCommand } from '../operator-command.ts';
import { withDatabase } from '../with-database.ts';

/** Ends it in the name of the correspondent; ending what was ended or never opened is no error. */
export function endExchangeCommand(): Command {
  return operatorCommand('end', 'Met fin à un échange : le citoyen ne peut plus écrire à ce correspondant, jusqu’à son prochain courrier')
    .argument('<correspondant>', correspondentHelp)
    .argument('<citoyen>', citizenHelp)
    .action(
      withDatabase<[string, string]>(async (world, [typedCorrespondent, typedCitizen]) => {
        const pair = await namePair(world, typedCorrespondent, typedCitizen);
        const { citizenId, correspondent } = pair;
        await inTransaction(world.db, (trx) =>
          applyEffects(trx, [{ do: 'end', citizenId, correspondent, endedBy: correspondent }], world.now),
        );
        return { json: { citizenId, correspondent, exchange: 'ended' }, text: 'L’échange est terminé.' };
      }),
    );
}
