// `passerelle explain`: « pourquoi ne puis-je pas écrire à cette personne ? », by the judge of the one path itself. Requirements 15 to 37.
import type { Command } from 'commander';
import type { Address } from '../../core/address.ts';
import { parseIns } from '../../core/ins.ts';
import { type Explanation, explain } from '../../delivery/explain.ts';
import { pathRules } from '../../path-rules.ts';
import { nameAddress } from '../name-parties.ts';
import { operatorCommand } from '../operator-command.ts';
import { type CommandWorld, withDatabase } from '../with-database.ts';

const partyHelp = 'son adresse, ou le matricule d’un citoyen ; « - » le lit sur l’entrée standard';

const answers = {
  accept: 'Ce courrier serait distribué.',
  refuse: 'Ce courrier serait refusé à l’envoi.',
  report: 'Ce courrier serait pris, puis un message automatique dirait à l’expéditeur qu’il n’est pas distribué.',
  hold: 'Ce courrier serait retenu jusqu’à une décision.',
  defer: 'Ce courrier attendrait chez l’expéditeur, qui réessaierait.',
} as const satisfies Record<Explanation['verdict']['do'], string>;

/** What the gateway would answer before the content of a letter. A refusal explained is an answer: the exit code is 0. */
export function explainCommand(): Command {
  return operatorCommand('explain', 'Dit ce que deviendrait un courrier entre deux personnes, et pourquoi (sans regarder de contenu)')
    .summary('Dit ce que deviendrait un courrier entre deux personnes, et pourquoi')
    .argument('<expéditeur>', partyHelp)
    .argument('<destinataire>', partyHelp)
    .action(
      withDatabase<[string, string]>(async (world, [typedSender, typedRecipient]) => {
        const [sender, recipient] = [nameParty(world, typedSender), nameParty(world, typedRecipient)];
        const explanation = await explain(world.db, pathRules(world.config), sender, recipient, world.now);
        return { json: explanation, text: explanationText(explanation) };
      }),
    );
}

function nameParty({ config }: CommandWorld, typed: string): Address {
  const ins = parseIns(typed);
  return nameAddress(ins ? `${ins}@${config.hostedDomains.citizens}` : typed);
}

function explanationText({ verdict, rule, words }: Explanation): string {
  return [
    answers[verdict.do],
    '',
    `Règle            ${rule.sentence} (${rule.name})`,
    ...(words ? [`Ce qui est dit   ${words.text}. (${words.status})`, `Que faire        ${words.step}`] : []),
  ].join('\n');
}
