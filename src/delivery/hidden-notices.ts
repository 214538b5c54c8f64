// The letters owed to citizens about documents hidden from them in their record: one a citizen, stage and day, whatever the number of
// documents, for it says nothing of any of them. Requirement 51.
import { z } from 'zod';
import { derivedId } from '../core/derived-id.ts';
import type { Trx } from '../database/tables.ts';
import type { HiddenStage } from '../mail/automatic/compose-record-letter.ts';
import { addToOutbox } from './outbox.ts';

/** The kind of these rows: the name of their task. */
export const hiddenNoticeRowKind = 'send-hidden-notice';

export const hiddenNoticePayload = z.strictObject({ citizenId: z.int(), stage: z.literal(['hidden', 'shown']) });

/** Owes the letters, in the transaction of their reason. The day is counted in UTC. */
export async function oweHiddenNotices(trx: Trx, citizenIds: readonly number[], stage: HiddenStage, now: Date): Promise<void> {
  const day = now.toISOString().slice(0, 10);
  const items = [...new Set(citizenIds)].map((citizenId) => {
    const payload: z.input<typeof hiddenNoticePayload> = { citizenId, stage };
    return { id: derivedId([hiddenNoticeRowKind, stage, citizenId, day]), kind: hiddenNoticeRowKind, payload };
  });
  await addToOutbox(trx, items, now);
}
