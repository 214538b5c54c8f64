// `passerelle exchange reopen`: what a letter of the correspondent would do. Requirements 26, 29.
import type { Command } from 'commander';
import { inTransaction } from '../../../mailboxes/in-transaction.ts';
import { applyEffects, readStandings } from '../../../policies/register.ts';
import { correspondentHelp, namePair } from '../exchange-pair.ts';
import { citizenHelp } from '../name-parties.ts';
import { operatorCommand } from '../operator-command.ts';
import { withDatabase } from '../with-database.ts';

/** Opens it in the name of the correspondent. A block stands above it, and is told. */
export function reopenExchangeCommand(): Command {
  return operatorCommand('reopen', 'Ouvre ou rouvre un échange, comme le ferait un courrier de ce correspondant')
    .argument('<correspondant>', correspondentHelp)
    .argument('<citoyen>', citizenHelp)
    .action(
      withDatabase<[string, string]>(async (world, [typedCorrespondent, typedCitizen]) => {
        const pair = await namePair(world, typedCorrespondent, typedCitizen);
        const { citizenId, correspondent } = pair;
        await inTransaction(world.db, (trx) =>
          applyEffects(trx, [{ do: 'open', citizenId, correspondent, openedBy: correspondent }], world.now),
        );
        const [standing] = await readStandings(world.db, [pair], world.now);
        const isBlocked = standing?.isBlocked === true;
        return {
          json: { citizenId, correspondent, exchange: 'open', isBlocked },
          text: isBlocked
            ? 'L’échange est ouvert, mais ce citoyen est bloqué : rien n’arrivera tant que le blocage demeure.'
            : 'L’échange est ouvert.',
        };
      }),
    );
}
