// What is kept of a person's decision: who they are, and why, in a few words of theirs.
import type { Decision } from '../delivery/quarantine.ts';
import { UsageError } from './failures.ts';
import { whoDecides } from './name-parties.ts';

/** The options of a command that decides. */
export type DecisionOptions = { readonly reason: string; readonly by?: string };

/** What `--help` says of `--by`. */
export const byHelp = 'qui le décide ; par défaut votre compte sur cette machine';

/** The decision of these options. Throws UsageError for a reason of less than three characters, or for nobody. */
export function decisionOf(options: DecisionOptions): Decision {
  const reason = options.reason.trim();
  if (!/^[^\p{Cc}]{3,500}$/u.test(reason)) throw new UsageError('--reason attend quelques mots, de 3 à 500 caractères.');
  return { by: whoDecides(options.by), reason };
}
