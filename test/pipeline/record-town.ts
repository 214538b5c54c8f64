// A working town whose gateway copies documents into a small record.
import type { Address } from '../../src/core/address.ts';
import type { RecordConnector } from '../../src/dmp/connector.ts';
import { courseOfCopies } from '../../src/dmp/record-documents.ts';
import { type LiaisonWishes, liaisonLetter } from '../support/liaison-letter.ts';
import { townPolicies } from '../support/one-path.ts';
import { SmallRecord } from '../support/small-record.ts';
import { until } from '../support/until.ts';
import { openWorkingTown } from './working-town.ts';

const dayMs = 24 * 3_600_000;

/** A document that the record refuses for what is written in it. */
export const inGerman = { change: (cda: string) => cda.replace('languageCode code="fr-FR"', 'languageCode code="de-DE"') };

/** Opens it; nothing is copied before work(). */
export const openRecordTown = (redisUrl?: string) => openTownWithRecord(new SmallRecord(), redisUrl);

/** The same with another road to the record. */
export async function openTownWithRecord<Connector extends RecordConnector>(connector: Connector, redisUrl?: string) {
  const town = await openWorkingTown({
    redisUrl,
    record: {
      connector,
      perMinute: 100_000,
      retryMs: 72 * 3_600_000,
      sourceOid: '1.2.250.1.999.1',
      noticeAfterMs: 30 * dayMs,
      visibleAfterMs: 90 * dayMs,
    },
    policies: { ...townPolicies, record: { copyReceived: true } },
  });
  return {
    ...town,
    connector,
    /** A doctor's letter with a document; returns the letter's id, the document's and what the door answered. */
    async write(from: Address, to: readonly Address[], wishes: LiaisonWishes = {}, door: 'submission' | 'mx' = 'submission') {
      const [first] = to;
      if (!first) throw new Error('To nobody');
      const { bytes, uniqueId } = await liaisonLetter(from, first, wishes);
      const arrival = town.arrivalFrom(from, door, { receivedAt: town.services.clock() });
      return { outcome: await town.sendAs(arrival, to, bytes), letterId: arrival.id, uniqueId, bytes };
    },
    /** How the copies of a letter stand. */
    async copies(letterId: string) {
      return (await courseOfCopies(town.db, [letterId])).map(({ uniqueId, state, code }) => ({ uniqueId, state, code }));
    },
    /** Works until nothing is owed any more. */
    async settle(): Promise<void> {
      await town.work();
      await town.isQuiet();
    },
    /** Resolves once copies have been tried and put off for this reason, as many times in all. */
    async putOff(because: string, times = 1): Promise<void> {
      await until('the copy is put off', () => {
        const told = town.services.told.filter(
          ({ event, facts }) => event === 'taskPostponed' && (facts as { because: string }).because === because,
        );
        return told.length >= times;
      });
    },
    /** Every row that is owed is due now. */
    async hurry(): Promise<void> {
      await town.db.updateTable('outbox').set({ next_attempt_at: town.services.clock() }).where('state', '=', 'waiting').execute();
    },
  };
}

export type RecordTown = Awaited<ReturnType<typeof openRecordTown>>;
