// The tree of commands. Built without side effects, so that the README's section can be written from it.
import type { Command } from 'commander';
import { addBlockCommand } from './commands/add-block.ts';
import { clearAbsenceCommand } from './commands/clear-absence.ts';
import { disinviteCitizenCommand } from './commands/disinvite-citizen.ts';
import { dropHeldLetterCommand } from './commands/drop-held-letter.ts';
import { endExchangeCommand } from './commands/end-exchange.ts';
import { explainCommand } from './commands/explain.ts';
import { inviteCitizenCommand } from './commands/invite-citizen.ts';
import { listBlocksCommand } from './commands/list-blocks.ts';
import { listQuarantineCommand } from './commands/list-quarantine.ts';
import { releaseHeldLetterCommand } from './commands/release-held-letter.ts';
import { removeBlockCommand } from './commands/remove-block.ts';
import { reopenExchangeCommand } from './commands/reopen-exchange.ts';
import { replaceMatriculeCommand } from './commands/replace-matricule.ts';
import { setAbsenceCommand } from './commands/set-absence.ts';
import { setFirstContactCommand } from './commands/set-first-contact.ts';
import { setReceiptsCommand } from './commands/set-receipts.ts';
import { showAbsenceCommand } from './commands/show-absence.ts';
import { showConfigCommand } from './commands/show-config.ts';
import { showExchangeCommand } from './commands/show-exchange.ts';
import { showFirstContactCommand } from './commands/show-first-contact.ts';
import { traceLetterCommand } from './commands/trace-letter.ts';
import { commandGroup } from './operator-command.ts';

/** Every command of `passerelle`. */
export function createProgram(): Command {
  return commandGroup('passerelle', 'Les commandes de l’opérateur. Elles marchent que la passerelle tourne ou non.', [
    explainCommand(),
    traceLetterCommand(),
    commandGroup('exchange', 'Le droit d’un citoyen d’écrire à un correspondant', [
      showExchangeCommand(),
      endExchangeCommand(),
      reopenExchangeCommand(),
    ]),
    commandGroup('block', 'Les citoyens dont un professionnel ne veut plus de courrier', [
      addBlockCommand(),
      removeBlockCommand(),
      listBlocksCommand(),
    ]),
    commandGroup('first-contact', 'Les boîtes auxquelles des citoyens peuvent écrire les premiers', [
      showFirstContactCommand(),
      setFirstContactCommand(),
      inviteCitizenCommand(),
      disinviteCitizenCommand(),
    ]),
    commandGroup('absence', 'Les absences des professionnels', [showAbsenceCommand(), setAbsenceCommand(), clearAbsenceCommand()]),
    commandGroup('receipts', 'Les accusés de lecture', [setReceiptsCommand()]),
    commandGroup('quarantine', 'Les courriers retenus', [listQuarantineCommand(), releaseHeldLetterCommand(), dropHeldLetterCommand()]),
    commandGroup('matricule', 'L’identité des citoyens', [replaceMatriculeCommand()]),
    commandGroup('config', 'Les réglages', [showConfigCommand()]),
  ]);
}
