// `passerelle matricule replace`: a citizen's provisional matricule (NIA) gives way to the definitive one (NIR), or a mistake is mended.
// The person, their exchanges, letters and passwords stay; both addresses lead to the one mailbox.
import type { Command } from 'commander';
import { addressesOf, citizenAddress } from '../../../directory/citizen-addresses.ts';
import { findCitizens, replaceMatricule } from '../../../directory/matricules.ts';
import { inTransaction } from '../../../mailboxes/in-transaction.ts';
import { findMailboxes, renameMailbox } from '../../../mailboxes/mailbox.ts';
import { renameLogin } from '../../accounts/rename-login.ts';
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
  const domain = config.hostedDomains.citizens;
  const [before, after] = [citizenAddress(from, domain), citizenAddress(to, domain)];
  return inTransaction(db, async (trx) => {
    // Its address now is not `before` when that matricule had been replaced already. A citizen without a mailbox yet is no obstacle, and
    // may have passwords all the same.
    const current = (await findMailboxes(trx, [before])).get(before)?.address;
    const isRenamed = current === undefined || current === after || (await renameMailbox(trx, current, after));
    const citizenId = (await findCitizens(trx, [from])).get(from);
    const login = current ?? (citizenId === undefined ? before : (await addressesOf(trx, domain, [citizenId])).get(citizenId)?.[0]);
    const outcome = await replaceMatricule(trx, from, to);
    if (outcome !== 'replaced') throw new RefusedError(`matricule-${outcome}`, refusals[outcome]);
    if (!isRenamed) throw new RefusedError('matricule-taken', refusals.taken);
    return login === undefined ? 0 : renameLogin(trx, login, after);
  });
}
