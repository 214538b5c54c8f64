// The operator of the story decides about the one letter in quarantine, as `passerelle quarantine` does.
import { dropHeld, listQuarantine, releaseHeld } from '../../delivery/quarantine.ts';
import type { World } from '../world.ts';

/** Throws when nothing is held, or when somebody else has decided meanwhile. */
export async function decideHeld({ gateway }: World, decision: 'released' | 'dropped'): Promise<void> {
  const { db } = gateway.context.database;
  const [held] = await listQuarantine(db);
  if (!held) throw new Error('Nothing is held');
  const decide = decision === 'released' ? releaseHeld : dropHeld;
  const reason = decision === 'released' ? 'Annoncé au patient par téléphone' : 'Erreur de destinataire';
  if (!(await decide(db, held.heldId, { by: 'operateur-demo', reason }, new Date()))) throw new Error('Somebody has decided already');
}
