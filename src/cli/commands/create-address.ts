// `passerelle address create`: a professional mailbox comes into the registry. Requirements 18 to 20.
import type { Command } from 'commander';
import { createAddress, type NewAddress } from '../../../directory/addresses.ts';
import { hasGoodKey } from '../../../directory/national-ids.ts';
import { registerProfessional, registerStructure } from '../../../directory/registry.ts';
import { RefusedError } from '../../core/errors.ts';
import type { Trx } from '../../database/tables.ts';
import { asDecided } from '../author.ts';
import { byHelp } from '../decision.ts';
import { UsageError } from '../failures.ts';
import { boxTypes, nameOurs, nameRpps, nameStructure, parseType, parseWords, typeHelp } from '../name-registered.ts';
import { operatorCommand } from '../operator-command.ts';
import { createRefusals } from '../registry-text.ts';
import { withDatabase } from '../with-database.ts';

type Options = {
  readonly type: string;
  readonly label: string;
  readonly rpps?: string;
  readonly structure?: string;
  readonly description?: string;
  readonly service?: string;
  readonly civility?: string;
  readonly familyName?: string;
  readonly givenName?: string;
  readonly profession?: string;
  readonly structureName?: string;
  readonly redList?: true;
  readonly unpublished?: true;
  readonly paperless?: true;
  readonly preferred?: true;
  readonly pending?: true;
  readonly by?: string;
};

/** With the names of its holder, they are registered too, or brought up to date. */
export function createAddressCommand(): Command {
  const command = operatorCommand('create', 'Inscrit une boîte professionnelle ; l’adresse, le type et le titulaire ne changeront plus')
    .argument('<adresse>', 'adresse à inscrire, d’un domaine professionnel tenu ici')
    .requiredOption('--label <texte>', 'libellé, comme les correspondants le lisent')
    .option('--rpps <numéro>', 'titulaire d’une boîte PER ou CAB ; responsable d’une boîte ORG ou APP')
    .option('--structure <numéro>', 'FINESS ou SIRET de la structure d’une boîte ORG ou APP, ou du lieu d’exercice')
    .option('--description <texte>', 'à quoi elle sert')
    .option('--service <texte>', 'service de rattachement')
    .option('--family-name <nom>', 'inscrit aussi la personne, ou met ses noms à jour ; avec --given-name et --profession')
    .option('--given-name <prénom>', 'son prénom d’exercice')
    .option('--civility <titre>', 'son titre : Dr, Pr, M., Mme')
    .option('--profession <texte>', 'sa profession, en toutes lettres')
    .option('--structure-name <nom>', 'inscrit aussi la structure, ou met son nom à jour')
    .option('--red-list', 'liste rouge : joignable, jamais montrée')
    .option('--unpublished', 'pas encore montrée dans l’annuaire')
    .option('--paperless', 'accepte les documents sans papier')
    .option('--preferred', 'celle que son titulaire préfère, plutôt que ses autres boîtes')
    .option('--pending', 'seulement préparée : passerelle address open l’ouvrira')
    .option('--by <nom>', byHelp);
  const type = command.createOption('--type <type>', typeHelp).makeOptionMandatory();
  type.argChoices = [...boxTypes];
  return command.addOption(type).action(
    withDatabase<[string], Options>(async (world, [typed], options) => {
      const box = newAddress(nameOurs(world, typed), options);
      const outcome = await asDecided(world, options, async (trx) => {
        await registerHolders(trx, box, options);
        const answer = await createAddress(trx, box);
        // Thrown within: the holders' names must not be kept of a mailbox that was refused.
        if (answer !== 'created' && answer !== 'exists') throw new RefusedError(`address-${answer}`, createRefusals[answer]);
        return answer;
      });
      const doubtful = [box.rpps, box.structureId].filter((id) => id !== undefined && !hasGoodKey(id));
      const notes = doubtful.map((id) => `La clé de ${id} n’est pas celle qu’on attend : vérifiez ce numéro.`);
      const done =
        outcome === 'created' ? `${box.address} est inscrite.` : `${box.address} était déjà inscrite ; address update la modifie.`;
      return { json: { address: box.address, created: outcome === 'created', doubtful }, text: [done, ...notes].join('\n') };
    }),
  );
}

function newAddress(address: NewAddress['address'], options: Options): NewAddress {
  const { description, service } = options;
  return {
    address,
    type: parseType(options.type),
    label: parseWords('--label', options.label),
    ...(options.rpps !== undefined && { rpps: nameRpps(options.rpps) }),
    ...(options.structure !== undefined && { structureId: nameStructure(options.structure) }),
    ...(description !== undefined && { description: parseWords('--description', description, 1000) }),
    ...(service !== undefined && { service: parseWords('--service', service) }),
    redList: options.redList ?? false,
    published: !options.unpublished,
    paperless: options.paperless ?? false,
    preferred: options.preferred ?? false,
    state: options.pending ? 'pending' : 'active',
  };
}

async function registerHolders(trx: Trx, { rpps, structureId }: NewAddress, options: Options): Promise<void> {
  const { civility, familyName, givenName, profession, structureName } = options;
  if ([civility, familyName, givenName, profession].some((word) => word !== undefined)) {
    if (rpps === undefined || familyName === undefined || givenName === undefined || profession === undefined) {
      throw new UsageError('Une personne s’inscrit par --rpps, --family-name, --given-name et --profession ensemble.');
    }
    await registerProfessional(trx, {
      rpps,
      civility: civility === undefined ? '' : parseWords('--civility', civility, 20),
      familyName: parseWords('--family-name', familyName),
      givenName: parseWords('--given-name', givenName),
      profession: parseWords('--profession', profession),
    });
  }
  if (structureName !== undefined) {
    if (structureId === undefined) throw new UsageError('--structure-name va avec --structure.');
    await registerStructure(trx, { structureId, name: parseWords('--structure-name', structureName) });
  }
}
