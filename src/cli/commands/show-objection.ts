// `passerelle dmp status`: whether the documents of a citizen are copied into the national record. Requirement 52.
import type { Command } from 'commander';
import { findRecordObjections } from '../../../policies/record-objections.ts';
import { dateText } from '../answer.ts';
import { citizenHelp, nameCitizen } from '../name-parties.ts';
import { operatorCommand } from '../operator-command.ts';
import { withDatabase } from '../with-database.ts';

/** The citizen's choice, and whether the gateway makes copies at all. Whether they have a record, only the record knows. */
export function showObjectionCommand(): Command {
  return operatorCommand('status', 'Dit si les documents d’un citoyen sont copiés dans son dossier médical partagé')
    .argument('<citoyen>', citizenHelp)
    .action(
      withDatabase<[string]>(async (world, [typedCitizen]) => {
        const citizenId = await nameCitizen(world, typedCitizen);
        const objection = (await findRecordObjections(world.db, [citizenId])).get(citizenId);
        const isConfigured = world.config.dmp.endpoints !== undefined;
        const choice = objection
          ? `Ce citoyen s’oppose aux copies depuis le ${dateText(objection.since)} (noté par ${objection.by}).`
          : 'Ce citoyen ne s’oppose pas aux copies.';
        const road = isConfigured ? [] : ['Cette passerelle ne fait aucune copie : dmp.endpoints n’est pas réglé.'];
        return { json: { citizenId, objection: objection ?? null, isConfigured }, text: [choice, ...road].join('\n') };
      }),
    );
}
