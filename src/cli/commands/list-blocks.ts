// `passerelle block list`: whom a professional blocks, since when, and who decided. Requirement 33.
import type { Command } from 'commander';
import { nameCitizens } from '../../../directory/name-citizens.ts';
import { blockerOf } from '../../../policies/blocker.ts';
import { listBlocks } from '../../../policies/blocks.ts';
import { countText, dateText, tableText } from '../answer.ts';
import { mailboxHelp, nameMailbox } from '../name-parties.ts';
import { operatorCommand } from '../operator-command.ts';
import { withDatabase } from '../with-database.ts';

/** The blocks that hold for a mailbox. Citizens appear by their name, never by their matricule. */
export function listBlocksCommand(): Command {
  return operatorCommand('list', 'Liste les citoyens bloqués par le titulaire d’une boîte')
    .argument('<boîte>', mailboxHelp)
    .action(
      withDatabase<[string]>(async (world, [typedMailbox]) => {
        const mailbox = await nameMailbox(world, typedMailbox);
        const blocks = await listBlocks(world.db, blockerOf(mailbox));
        const names = await nameCitizens(
          world.db,
          blocks.map(({ citizenId }) => citizenId),
        );
        const rows = blocks.map(({ citizenId, since, by }) => [names.get(citizenId) ?? '', String(citizenId), dateText(since), by]);
        return {
          json: blocks.map((one) => ({ ...one, name: names.get(one.citizenId) ?? null })),
          text: [
            `${countText(blocks.length, 'citoyen bloqué', 'citoyens bloqués', 'Aucun citoyen bloqué')} par ${mailbox.displayName}`,
            ...(rows.length > 0 ? ['', tableText(['Citoyen', 'N°', 'Depuis', 'Décidé par'], rows)] : []),
          ].join('\n'),
        };
      }),
    );
}
