// `passerelle citizen detach`: someone does not act for another any more. Requirement 38.
import type { Command } from 'commander';
import { detachProfile } from '../../../directory/attached-profiles.ts';
import { RefusedError } from '../../core/errors.ts';
import { asDecided } from '../author.ts';
import { byHelp } from '../decision.ts';
import { nameMatricule } from '../name-identity.ts';
import { operatorCommand } from '../operator-command.ts';
import { withDatabase } from '../with-database.ts';
import { attachHelp } from './attach-citizen.ts';

/** At once. */
export function detachCitizenCommand(): Command {
  return operatorCommand('detach', 'Met fin à une représentation')
    .argument('<représenté>', attachHelp.ward)
    .argument('<représentant>', attachHelp.guardian)
    .option('--by <nom>', byHelp)
    .action(
      withDatabase<[string, string], { by?: string }>(async (world, [typedWard, typedGuardian], options) => {
        const people = { ward: nameMatricule(world, typedWard).ins, guardian: nameMatricule(world, typedGuardian).ins };
        const outcome = await asDecided(world, options, (trx) => detachProfile(trx, people));
        if (outcome === 'unknown') throw new RefusedError('profile-unknown', 'Le second n’agit pas pour le premier');
        return { json: { changed: true }, text: 'Cette représentation a pris fin.' };
      }),
    );
}
