// `passerelle absence set`: who writes to a professional meanwhile is told so, once. RFC 3834.
import type { Command } from 'commander';
import { setAbsence } from '../../../policies/absences.ts';
import { type Address, domainOf } from '../../core/address.ts';
import { RefusedError } from '../../core/errors.ts';
import { absenceText } from '../absence-text.ts';
import { UsageError } from '../failures.ts';
import { mailboxHelp, nameAddress, nameMailbox } from '../name-parties.ts';
import { operatorCommand } from '../operator-command.ts';
import { parisInstant } from '../paris-time.ts';
import { type CommandWorld, withDatabase } from '../with-database.ts';

type Options = { readonly from?: string; readonly until: string; readonly text: string; readonly standIn?: string };

/** Characters: a notice, not a letter. */
const longestText = 4000;

/** Writes an absence over the one that was held; whoever was told of that one may be told again. */
export function setAbsenceCommand(): Command {
  return operatorCommand('set', 'Annonce une absence : chaque correspondant en reçoit une réponse, une fois par période réglée')
    .argument('<boîte>', mailboxHelp)
    .option('--from <date>', 'premier jour, ou instant : 2026-08-01, 01/08/2026, 2026-08-01T08:30 ; maintenant sans cette option')
    .requiredOption('--until <date>', 'dernier jour, compris, ou instant du retour')
    .requiredOption(
      '--text <texte>',
      `ce que lira le correspondant, ${longestText} caractères au plus ; « - » le lit sur l’entrée standard`,
    )
    .option('--stand-in <adresse>', 'à qui écrire entre-temps')
    .action(
      withDatabase<[string], Options>(async (world, [typedMailbox], options) => {
        const { address } = await nameMailbox(world, typedMailbox);
        const from = options.from === undefined ? world.now : instant('--from', options.from);
        const until = instant('--until', options.until, true);
        if (until <= from) throw new UsageError('Une absence finit après avoir commencé.');
        if (until <= world.now) throw new UsageError('Cette absence est déjà passée.');
        const standIn = options.standIn === undefined ? undefined : nameStandIn(world, options.standIn, address);
        const absence = { address, from, until, text: parseText(options.text), ...(standIn !== undefined && { standIn }) };
        await setAbsence(world.db, absence);
        return { json: absence, text: absenceText(absence) };
      }),
    );
}

function instant(option: string, typed: string, wholeDay = false): Date {
  const at = parisInstant(typed, { wholeDay });
  if (!at) throw new UsageError(`${option} attend une date, par exemple 2026-08-01, 01/08/2026 ou 2026-08-01T08:30.`);
  return at;
}

function nameStandIn({ config }: CommandWorld, typed: string, absent: Address): Address {
  const standIn = nameAddress(typed);
  if (standIn === absent || domainOf(standIn) === config.hostedDomains.citizens) {
    throw new RefusedError('stand-in-unfit', 'Le remplacement est l’adresse d’un autre professionnel');
  }
  return standIn;
}

function parseText(typed: string): string {
  const text = typed.trim();
  if (text === '' || text.length > longestText) throw new UsageError(`Le texte d’une absence a de 1 à ${longestText} caractères.`);
  return text;
}
