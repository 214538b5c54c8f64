// `passerelle citizen attach`: someone acts for a minor or a protected adult. Requirement 38.
import type { Command } from 'commander';
import { attachProfile } from '../../../directory/attached-profiles.ts';
import { RefusedError } from '../../core/errors.ts';
import { asDecided } from '../author.ts';
import { byHelp } from '../decision.ts';
import { UsageError } from '../failures.ts';
import { nameMatricule } from '../name-identity.ts';
import { operatorCommand } from '../operator-command.ts';
import { parisInstant } from '../paris-time.ts';
import { withDatabase } from '../with-database.ts';

/** What `--help` says of the two. */
export const attachHelp = {
  ward: 'matricule INS ou adresse du mineur ou du majeur protégé ; « - » le lit sur l’entrée standard',
  guardian: 'matricule INS ou adresse de qui agit pour lui ; « - » le lit sur l’entrée standard',
} as const;

const kinds = ['minor', 'ward'] as const;

/** Letters go to the ward's own address: whoever acts for them reads in their own name. */
export function attachCitizenCommand(): Command {
  const command = operatorCommand('attach', 'Note qui agit pour un mineur ou un majeur protégé')
    .argument('<représenté>', attachHelp.ward)
    .argument('<représentant>', attachHelp.guardian)
    .option('--until <date>', 'dernier jour, compris : une majorité, le terme d’un jugement')
    .option('--by <nom>', byHelp);
  const motive = command.createOption('--kind <motif>', 'minor : un mineur ; ward : un majeur protégé').makeOptionMandatory();
  motive.argChoices = [...kinds];
  return command.addOption(motive).action(
    withDatabase<[string, string], { kind: string; until?: string; by?: string }>(async (world, [typedWard, typedGuardian], options) => {
      const kind = kinds.find((one) => one === options.kind);
      if (!kind) throw new UsageError('--kind attend minor ou ward.');
      const until = options.until === undefined ? undefined : parisInstant(options.until, { wholeDay: true });
      if (options.until !== undefined && (!until || until <= world.now)) throw new UsageError('--until attend un jour à venir.');
      const attachment = {
        ward: nameMatricule(world, typedWard).ins,
        guardian: nameMatricule(world, typedGuardian).ins,
        kind,
        ...(until && { until }),
      };
      const outcome = await asDecided(world, options, (trx) => attachProfile(trx, attachment, world.now));
      if (outcome === 'unknown') throw new RefusedError('citizen-unknown', 'L’un des deux n’est pas inscrit ici');
      if (outcome === 'circular') throw new RefusedError('profile-circular', 'Nul n’agit pour soi-même, ni pour qui agit pour lui');
      return { json: { changed: outcome === 'attached' }, text: outcome === 'attached' ? 'Noté.' : 'C’était déjà noté.' };
    }),
  );
}
