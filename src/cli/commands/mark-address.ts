// `passerelle address publish|unpublish|red-list|prefer`: what the address book shows of a professional mailbox. Requirement 19.
import type { Command } from 'commander';
import { type AddressChanges, updateAddress } from '../../../directory/addresses.ts';
import { asDecided } from '../author.ts';
import { byHelp } from '../decision.ts';
import { mailboxHelp, nameMailbox } from '../name-parties.ts';
import { unknownBox } from '../name-registered.ts';
import { operatorCommand } from '../operator-command.ts';
import { withDatabase } from '../with-database.ts';

type Mark = {
  readonly does: string;
  readonly change: AddressChanges;
  readonly done: string;
  /** What `--remove` does, where there is one. */
  readonly removal?: { readonly does: string; readonly change: AddressChanges; readonly done: string };
};

const marks: Readonly<Record<string, Mark>> = {
  publish: { does: 'Montre une boîte dans l’annuaire', change: { published: true }, done: 'est montrée dans l’annuaire, sauf liste rouge' },
  unpublish: {
    does: 'Retire une boîte de l’annuaire ; elle reste joignable',
    change: { published: false },
    done: 'n’est plus dans l’annuaire',
  },
  'red-list': {
    does: 'Met une boîte sur liste rouge : joignable, jamais montrée ni exportée',
    change: { redList: true },
    done: 'est sur liste rouge',
    removal: { does: 'l’en retire', change: { redList: false }, done: 'n’est pas sur liste rouge' },
  },
  prefer: {
    does: 'Fait d’une boîte la préférée de son titulaire, plutôt que ses autres',
    change: { preferred: true },
    done: 'est la boîte préférée de son titulaire',
    removal: { does: 'le titulaire n’en préfère aucune', change: { preferred: false }, done: 'n’est pas la préférée de son titulaire' },
  },
};

/** Repeating one changes nothing, and is done. */
export function markAddressCommands(): Command[] {
  return Object.entries(marks).map(([verb, mark]) => {
    const command = operatorCommand(verb, mark.does).argument('<boîte>', mailboxHelp).option('--by <nom>', byHelp);
    if (mark.removal) command.option('--remove', mark.removal.does);
    return command.action(
      withDatabase<[string], { by?: string; remove?: true }>(async (world, [typed], options) => {
        const { address } = await nameMailbox(world, typed);
        const { change, done } = (options.remove && mark.removal) || mark;
        const outcome = await asDecided(world, options, (trx) => updateAddress(trx, address, change));
        if (outcome === 'unknown') throw unknownBox();
        return { json: { address, ...change, changed: outcome === 'changed' }, text: `${address} ${done}.` };
      }),
    );
  });
}
