// `passerelle notice set`: where a citizen is told that something waits for them, and what for.
import type { Command } from 'commander';
import { isOrdinaryAddress, type NoticeKind, readNoticePreference, setNoticePreference } from '../../../policies/notice-preferences.ts';
import type { Address } from '../../core/address.ts';
import { RefusedError } from '../../core/errors.ts';
import { UsageError } from '../failures.ts';
import { citizenHelp, nameAddress, nameCitizen } from '../name-parties.ts';
import { kindsHelp, parseKinds, preferenceText } from '../notice-text.ts';
import { operatorCommand } from '../operator-command.ts';
import { type CommandWorld, withDatabase } from '../with-database.ts';

type Options = { readonly to?: string; readonly on?: string; readonly off?: string };

/** Without `--to`, the address stays. An address that is given, even the same again, is written to again. */
export function setNoticesCommand(): Command {
  return operatorCommand('set', 'Choisit l’adresse électronique ordinaire où un citoyen est averti, et de quoi')
    .argument('<citoyen>', citizenHelp)
    .option('--to <adresse>', 'adresse ordinaire, hors de la messagerie de santé ; inchangée sans cette option')
    .option('--on <sortes>', `avis à envoyer, séparés par des virgules (tous pour une première adresse) : ${kindsHelp}`)
    .option('--off <sortes>', 'avis à ne pas envoyer')
    .action(
      withDatabase<[string], Options>(async (world, [typedCitizen], options) => {
        const citizenId = await nameCitizen(world, typedCitizen);
        const held = await readNoticePreference(world.db, citizenId);
        const address = options.to === undefined ? held?.address : ordinaryAddress(world, options.to);
        if (address === undefined) throw new UsageError('Il manque --to : ce citoyen n’a encore donné aucune adresse.');
        await setNoticePreference(world.db, citizenId, { address, told: toldKinds(options) });
        const preference = await readNoticePreference(world.db, citizenId);
        return { json: { citizenId, ...preference }, text: preferenceText(preference) };
      }),
    );
}

function toldKinds({ on, off }: Options): Partial<Record<NoticeKind, boolean>> {
  const [wanted, unwanted] = [parseKinds(on), parseKinds(off)];
  if (wanted.some((kind) => unwanted.includes(kind))) throw new UsageError('Une sorte d’avis ne peut être demandée et refusée à la fois.');
  return Object.fromEntries([...wanted.map((kind) => [kind, true]), ...unwanted.map((kind) => [kind, false])]);
}

/** Throws RefusedError for a health mailbox. */
export function ordinaryAddress({ config }: Pick<CommandWorld, 'config'>, typed: string): Address {
  const address = nameAddress(typed.trim());
  const { citizens, professionals } = config.hostedDomains;
  if (!isOrdinaryAddress(address, [citizens, ...professionals, config.limits.remoteCitizens.domain])) {
    throw new RefusedError('address-unfit', 'Un avis part vers une adresse ordinaire, hors de la messagerie de santé');
  }
  return address;
}
