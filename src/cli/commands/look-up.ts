// `passerelle directory lookup`: who a matricule or an address belongs to, here, then in the other directories, then in the white list.
import type { Command } from 'commander';
import type { LookUpAnswer } from '../../../directory/look-up.ts';
import { openLookUp } from '../../../directory/open-look-up.ts';
import { parseAddress } from '../../core/address.ts';
import { RefusedError } from '../../core/errors.ts';
import { parseIns } from '../../core/ins.ts';
import type { Answer } from '../answer.ts';
import { UsageError } from '../failures.ts';
import { operatorCommand } from '../operator-command.ts';
import { boxStates, citizenStates } from '../registry-text.ts';
import { withDatabase } from '../with-database.ts';

const states: Readonly<Record<string, string>> = { ...boxStates, ...citizenStates };

/** As the LDAP door finds them; of a citizen the matricule is not said again. */
export function lookUpCommand(): Command {
  return operatorCommand(
    'lookup',
    'Cherche à qui est un matricule ou une adresse : ici, puis dans les annuaires réglés, puis dans la liste blanche',
  )
    .argument('<qui>', 'matricule INS ou adresse ; « - » le lit sur l’entrée standard')
    .action(
      withDatabase<[string]>(async ({ db, config, signal }, [typed]) => {
        const address = parseAddress(typed);
        const ins = parseIns(typed);
        if (!address && !ins) throw new UsageError('Donnez un matricule INS (15 caractères, clé juste) ou une adresse.');
        const lookUp = await openLookUp(config, db);
        try {
          return answerOf(
            ins ? await lookUp.byIns(ins, { signal }) : await lookUp.byAddress(address as NonNullable<typeof address>, { signal }),
          );
        } finally {
          lookUp.close();
        }
      }),
    );
}

const listings = {
  listed: 'Nul ne la connaît, mais son domaine est dans l’espace de confiance.',
  'not-listed': 'Nul ne la connaît, et son domaine n’est pas dans l’espace de confiance.',
  unknown: 'Nul ne la connaît ; aucune liste blanche n’est réglée.',
} as const;

function answerOf(answer: LookUpAnswer): Answer {
  switch (answer.found) {
    case 'here': {
      const { displayName, kind, registryState } = answer.holder;
      const who = kind === 'citizen' ? 'citoyen' : `boîte ${answer.holder.type}`;
      return {
        json: { found: 'here', displayName, kind, state: registryState },
        text: `Ici : ${displayName}, ${who}, ${states[registryState]}.`,
      };
    }
    case 'elsewhere': {
      const { from, displayName, kind, state, isStale, address } = answer.entry;
      const about = [
        displayName || 'sans nom',
        kind === 'citizen' ? 'citoyen' : 'professionnel',
        ...(state === undefined ? [] : [states[state] ?? state]),
      ];
      const stale = isStale ? '\nCet annuaire ne répond pas : c’est ce qu’il disait la dernière fois.' : '';
      const where = kind === 'professional' && address !== undefined ? { address } : {};
      return {
        json: {
          found: 'elsewhere',
          from,
          displayName,
          kind,
          ...(state !== undefined && { state }),
          isStale,
          hasAddress: address !== undefined,
          ...where,
        },
        text: `Dans l’annuaire ${from} : ${about.join(', ')}${address === undefined ? ', sans boîte ouverte' : ''}.${stale}`,
      };
    }
    case 'several':
      throw new RefusedError('lookup-several', 'Un annuaire a plusieurs boîtes sous ce nom : rien n’en est dit');
    case 'nobody': {
      if (answer.domain !== undefined) {
        const { domain, isCertain } = answer;
        const doubt = isCertain ? '' : ' Un annuaire n’a pas répondu.';
        return { json: answer, text: `${listings[domain]}${doubt}`, isRefused: domain !== 'listed' };
      }
      if (!answer.isCertain)
        throw new RefusedError('lookup-uncertain', 'Nul ne le connaît parmi ceux qui ont répondu ; un annuaire n’a pas répondu');
      throw new RefusedError('lookup-nobody', 'Nul ne le connaît');
    }
  }
}
