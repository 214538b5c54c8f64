// `passerelle matricule replace`: a citizen's provisional matricule (NIA) gives way to the definitive one (NIR), or a mistake is mended.
// The person, their exchanges, letters and passwords stay; both addresses lead to the one mailbox.
import type { Command } from 'commander';
import { findCitizens, replaceMatricule } from '../../../directory/matricules.ts';
import { inTransaction } from '../../../mailboxes/in-transaction.ts';
import { moveAccounts } from '../../accounts/move-accounts.ts';
import { RefusedError } from '../../core/errors.ts';
import { type Ins, parseIns } from '../../core/ins.ts';
import { UsageError } from '../failures.ts';
import { operatorCommand } from '../operator-command.ts';
import { type CommandWorld, withDatabase } from '../with-database.ts';

const refusals = {
  unknown: 'Aucun citoyen inscrit ici n’a le matricule à remplacer',
  taken: 'Le nouveau matricule est déjà celui d’un autre citoyen',
} as const;

/** Directory, mailbox and login change together, or not at all. */
export function replaceMatriculeCommand(): Command {
  return operatorCommand(
    'replace',
    'Remplace le matricule INS d’un citoyen : les deux adresses mènent à sa boîte, et il se connecte avec la nouvelle et ses mots de passe',
  )
    .argument('<ancien>', 'matricule actuel ; « - » le lit sur l’entrée standard')
    .argument('<nouveau>', 'nouveau matricule ; « - » le lit sur l’entrée standard')
    .action(
      withDatabase<[string, string]>(async (world, [typedFrom, typedTo]) => {
        const from = parseMatricule(typedFrom, 'le matricule actuel');
        const to = parseMatricule(typedTo, 'le nouveau matricule');
        if (from === to) throw new UsageError('Les deux matricules sont le même.');
        const passwords = await replaceEverywhere(world, from, to);
        return {
          json: { replaced: true, passwords },
          text: 'Le matricule est remplacé. Les courriers envoyés à l’une ou l’autre adresse arrivent dans la même boîte ;\nla personne se connecte avec la nouvelle adresse, et ses mots de passe restent valables.',
        };
      }),
    );
}

function parseMatricule(typed: string, what: string): Ins {
  const ins = parseIns(typed);
  if (!ins) throw new UsageError(`Un matricule INS a 15 caractères et une clé juste : vérifiez ${what}.`);
  return ins;
}

/** The mailbox's row first, as everyone who changes one. Returns how many passwords open it under its new name. */
function replaceEverywhere({ db, config }: CommandWorld, from: Ins, to: Ins): Promise<number> {
  return inTransaction(db, async (trx) => {
    const known = await findCitizens(trx, [from, to]);
    const citizenId = known.get(from);
    if (citizenId === undefined) throw refused('unknown');
    if ((known.get(to) ?? citizenId) !== citizenId) throw refused('taken');
    const passwords = await moveAccounts(trx, config.hostedDomains.citizens, [{ citizenId, to }]);
    const outcome = await replaceMatricule(trx, from, to);
    if (outcome !== 'replaced') throw refused(outcome);
    return passwords;
  });
}

function refused(outcome: keyof typeof refusals): RefusedError {
  return new RefusedError(`matricule-${outcome}`, refusals[outcome]);
}
