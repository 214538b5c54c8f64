// Forgets what is remembered of old letters: how they are recognised, what was counted, their course, what was decided of those held.
// Twice is harmless: what is forgotten is not there to be forgotten again.
import { z } from 'zod';
import { forgetRegisterLetters } from '../../../policies/register.ts';
import { forgetTallies } from '../../../policies/tallies.ts';
import { forgetLedger } from '../../delivery/ledger.ts';
import { forgetDecided } from '../../delivery/quarantine.ts';
import { forgetDocuments } from '../../dmp/record-documents.ts';
import { task } from '../task.ts';

const dayMs = 24 * 3_600_000;
const batchRows = 1000;

/** Every day. Tallies count hours: those of the day before yesterday are of no use. */
export const forgetLetters = task({
  name: 'forget-letters',
  payload: z.strictObject({}),
  lane: 'upkeep',
  retry: { firstDelayMs: 60_000, longestDelayMs: 3_600_000, giveUpAfterMs: dayMs },
  everyMs: dayMs,
  run: async ({ db, clock, memory }) => {
    const before = (ageMs: number) => new Date(clock().getTime() - ageMs);
    while ((await forgetRegisterLetters(db, before(memory.lettersMs), batchRows)) === batchRows);
    while ((await forgetLedger(db, before(memory.ledgerMs), batchRows)) === batchRows);
    while ((await forgetDecided(db, before(memory.ledgerMs), batchRows)) === batchRows);
    while ((await forgetDocuments(db, before(memory.ledgerMs), batchRows)) === batchRows);
    await forgetTallies(db, before(2 * dayMs));
    return { do: 'done' };
  },
});
