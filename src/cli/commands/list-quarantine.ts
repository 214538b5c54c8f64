// `passerelle quarantine list`: the letters that wait for somebody's decision. Requirement 50.
import type { Command } from 'commander';
import { wordsOf } from '../../../policies/verdict.ts';
import { listQuarantine } from '../../delivery/quarantine.ts';
import { countText, dateText, tableText } from '../answer.ts';
import { operatorCommand } from '../operator-command.ts';
import { withDatabase } from '../with-database.ts';

/** Who, when and why; of the content nothing, for nobody needs it to decide. */
export function listQuarantineCommand(): Command {
  return operatorCommand('list', 'Liste les courriers retenus, du plus ancien au plus récent').action(
    withDatabase<[]>(async ({ db }) => {
      const held = await listQuarantine(db);
      const rows = held.map(({ heldId, heldAt, expiresAt, sender, recipient, code }) => [
        heldId,
        dateText(heldAt),
        dateText(expiresAt),
        sender,
        recipient,
        code,
      ]);
      const reasons = [...new Set(held.map(({ code }) => code))].map((code) => `${code} : ${wordsOf(code).text}.`);
      return {
        json: held,
        text: [
          `${countText(held.length, 'courrier retenu', 'courriers retenus', 'Aucun courrier retenu')}.`,
          ...(held.length > 0
            ? ['', tableText(['Identifiant', 'Retenu', 'Jusqu’au', 'Expéditeur', 'Destinataire', 'Motif'], rows), '', ...reasons]
            : []),
        ].join('\n'),
      };
    }),
  );
}
