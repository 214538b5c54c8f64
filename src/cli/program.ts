// The tree of commands. Built without side effects, so that the README's section can be written from it.
import type { Command } from 'commander';
import { addBlockCommand } from './commands/add-block.ts';
import { allowCopiesCommand } from './commands/allow-copies.ts';
import { attachCitizenCommand } from './commands/attach-citizen.ts';
import { bulkAddressesCommand } from './commands/bulk-addresses.ts';
import { clearAbsenceCommand } from './commands/clear-absence.ts';
import { clearNoticesCommand } from './commands/clear-notices.ts';
import { createAddressCommand } from './commands/create-address.ts';
import { createCitizenCommand } from './commands/create-citizen.ts';
import { detachCitizenCommand } from './commands/detach-citizen.ts';
import { disinviteCitizenCommand } from './commands/disinvite-citizen.ts';
import { dropDeadCommand } from './commands/drop-dead.ts';
import { dropHeldLetterCommand } from './commands/drop-held-letter.ts';
import { endExchangeCommand } from './commands/end-exchange.ts';
import { explainCommand } from './commands/explain.ts';
import { exportDirectoryCommand } from './commands/export-directory.ts';
import { findAddressesCommand } from './commands/find-addresses.ts';
import { findCitizenCommand } from './commands/find-citizen.ts';
import { importCitizensCommand } from './commands/import-citizens.ts';
import { importExtractionCommand } from './commands/import-extraction.ts';
import { inviteCitizenCommand } from './commands/invite-citizen.ts';
import { listBlocksCommand } from './commands/list-blocks.ts';
import { listCopiesCommand } from './commands/list-copies.ts';
import { listDeadCommand } from './commands/list-dead.ts';
import { listImportsCommand } from './commands/list-imports.ts';
import { listQuarantineCommand } from './commands/list-quarantine.ts';
import { lookUpCommand } from './commands/look-up.ts';
import { markAddressCommands } from './commands/mark-address.ts';
import { moveAddressCommands } from './commands/move-address.ts';
import { moveCitizenCommands } from './commands/move-citizen.ts';
import { objectToCopiesCommand } from './commands/object-to-copies.ts';
import { printCompletionCommands } from './commands/print-completion.ts';
import { releaseHeldLetterCommand } from './commands/release-held-letter.ts';
import { removeBlockCommand } from './commands/remove-block.ts';
import { reopenExchangeCommand } from './commands/reopen-exchange.ts';
import { replaceMatriculeCommand } from './commands/replace-matricule.ts';
import { retryDeadCommand } from './commands/retry-dead.ts';
import { setAbsenceCommand } from './commands/set-absence.ts';
import { setFirstContactCommand } from './commands/set-first-contact.ts';
import { setNoticesCommand } from './commands/set-notices.ts';
import { setReceiptsCommand } from './commands/set-receipts.ts';
import { showAbsenceCommand } from './commands/show-absence.ts';
import { showAddressCommand } from './commands/show-address.ts';
import { showAddressHistoryCommand } from './commands/show-address-history.ts';
import { showCitizenCommand } from './commands/show-citizen.ts';
import { showCitizenHistoryCommand } from './commands/show-citizen-history.ts';
import { showConfigCommand } from './commands/show-config.ts';
import { showCopiesCommand } from './commands/show-copies.ts';
import { showDeadCommand } from './commands/show-dead.ts';
import { showExchangeCommand } from './commands/show-exchange.ts';
import { showFirstContactCommand } from './commands/show-first-contact.ts';
import { showNoticesCommand } from './commands/show-notices.ts';
import { showObjectionCommand } from './commands/show-objection.ts';
import { testNoticesCommand } from './commands/test-notices.ts';
import { traceLetterCommand } from './commands/trace-letter.ts';
import { updateAddressCommand } from './commands/update-address.ts';
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
    commandGroup('notice', 'Les avis aux adresses électroniques ordinaires des citoyens', [
      setNoticesCommand(),
      showNoticesCommand(),
      clearNoticesCommand(),
      testNoticesCommand(),
    ]),
    commandGroup('quarantine', 'Les courriers retenus', [listQuarantineCommand(), releaseHeldLetterCommand(), dropHeldLetterCommand()]),
    commandGroup('dead', 'Le travail abandonné après tous ses essais', [
      listDeadCommand(),
      showDeadCommand(),
      retryDeadCommand(),
      dropDeadCommand(),
    ]),
    commandGroup('dmp', 'Les copies des documents dans le dossier médical partagé', [
      listCopiesCommand(),
      showCopiesCommand(),
      showObjectionCommand(),
      objectToCopiesCommand(),
      allowCopiesCommand(),
    ]),
    commandGroup('address', 'Les boîtes professionnelles du registre', [
      createAddressCommand(),
      showAddressCommand(),
      findAddressesCommand(),
      updateAddressCommand(),
      ...moveAddressCommands(),
      ...markAddressCommands(),
      showAddressHistoryCommand(),
    ]),
    commandGroup('citizen', 'Les citoyens du registre', [
      createCitizenCommand(),
      showCitizenCommand(),
      findCitizenCommand(),
      ...moveCitizenCommands(),
      attachCitizenCommand(),
      detachCitizenCommand(),
      showCitizenHistoryCommand(),
    ]),
    commandGroup('directory', 'L’annuaire dans son ensemble : imports, exports, opérations en nombre', [
      lookUpCommand(),
      bulkAddressesCommand(),
      importExtractionCommand(),
      importCitizensCommand(),
      listImportsCommand(),
      exportDirectoryCommand(),
    ]),
    commandGroup('matricule', 'L’identité des citoyens', [replaceMatriculeCommand()]),
    commandGroup('config', 'Les réglages', [showConfigCommand()]),
    commandGroup('completion', 'De quoi compléter ces commandes dans votre interpréteur', printCompletionCommands()),
  ]);
}
