// One attempt at a copy: what it asks of the record, in which order, and what it remembers of what is replaced. Requirements 49, 52 to 54.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { inTransaction } from '../../mailboxes/in-transaction.ts';
import { allMigrations } from '../../src/all-migrations.ts';
import { newId } from '../../src/core/ids.ts';
import type { Submission } from '../../src/dmp/connector.ts';
import { type CopyAttempt, copyDocument } from '../../src/dmp/copy-document.ts';
import { takeUntold } from '../../src/dmp/hidden-documents.ts';
import { closeDocument, registerDocuments } from '../../src/dmp/record-documents.ts';
import { describeDocuments } from '../../src/mail/documents/describe-documents.ts';
import type { DocumentRelation, LetterBytes } from '../../src/mail/documents/health-document.ts';
import type { DescribedDocument } from '../../src/mail/documents/written-metadata.ts';
import { indexBytes } from '../../src/mail/index-bytes.ts';
import { createTestDatabase } from '../support/database.ts';
import { liaisonLetter } from '../support/liaison-letter.ts';
import { people } from '../support/one-path.ts';
import { SmallRecord } from '../support/small-record.ts';
import { describedDocument } from './described.ts';

let { db, close } = {} as Awaited<ReturnType<typeof createTestDatabase>>;
let record: SmallRecord;
beforeAll(async () => {
  ({ db, close } = await createTestDatabase(allMigrations));
});
afterAll(() => close());
beforeEach(async () => {
  await db.deleteFrom('record_documents').execute();
  record = new SmallRecord();
});

const now = new Date('2026-11-22T08:00:00Z');
const replaces = (target: DocumentRelation['target']): DocumentRelation[] => [{ kind: 'replaces', target }];
const road = () => ({
  connector: record,
  perMinute: 600,
  retryMs: 3_600_000,
  sourceOid: '1.2.250.1.999.1',
  noticeAfterMs: 1000,
  visibleAfterMs: 1e12,
});
const withId = (uniqueId: string, facts: Partial<Omit<DescribedDocument, 'written'>> = {}) =>
  describedDocument({ uniqueId, uniqueIdOfCda: uniqueId, ...facts });
const tryCopy = (document: DescribedDocument, attempt: Partial<CopyAttempt> = {}) =>
  copyDocument(db, road(), document, {
    workId: newId(),
    takenAt: new Date(0),
    citizenId: 7,
    objects: async () => false,
    now,
    signal: new AbortController().signal,
    ...attempt,
  });
/** Copies it, and writes so into the register. */
async function copied(document: DescribedDocument) {
  const uniqueId = document.uniqueId ?? '';
  const outcome = await tryCopy(document);
  if (outcome.do === 'later') expect.fail(outcome.because);
  await inTransaction(db, async (trx) => {
    await registerDocuments(trx, [{ uniqueId, letterId: newId(), place: 1, citizenId: undefined }], now);
    await closeDocument(trx, uniqueId, outcome, now);
  });
  return outcome;
}
const held = (uniqueId: string) => record.held.get(uniqueId) ?? expect.fail('the record does not hold it');

describe('requirement 53: what a document replaces', () => {
  test('may be named by its entry alone: our own document is marked as replaced, and its patient hears nothing of it', async () => {
    await copied(withId('2.25.1', { confidentiality: ['N', 'INVISIBLE_PATIENT'] }));
    const outcome = await copied(withId('2.25.2', { relations: replaces({ entryUuid: held('2.25.1').entryUuid }) }));
    expect(outcome).toMatchObject({ do: 'fed', replaces: '2.25.1' });
    expect(held('2.25.1').state).toBe('deprecated');
    const delays = { tellBefore: new Date(now.getTime() + 1), showBefore: new Date(0) };
    expect(await inTransaction(db, (trx) => takeUntold(trx, delays, now, 10))).toEqual([]);
  });

  test('may be named by an entry that another source made', async () => {
    await copied(withId('2.25.1'));
    await db.deleteFrom('record_documents').execute();
    const outcome = await copied(withId('2.25.2', { relations: replaces({ entryUuid: held('2.25.1').entryUuid }) }));
    expect(outcome).toMatchObject({ do: 'fed' });
    expect(outcome).not.toHaveProperty('replaces');
  });

  test('may have got another name since somebody masked it: the record is asked for it', async () => {
    await copied(withId('2.25.1'));
    record.held.set('2.25.1', { ...held('2.25.1'), entryUuid: 'urn:uuid:second-version' });
    expect(await copied(withId('2.25.2', { relations: replaces({ uniqueId: '2.25.1' }) }))).toMatchObject({
      do: 'fed',
      replaces: '2.25.1',
    });
    expect(record.asked).toMatchObject({ find: 1, feed: 3 });
  });

  test('may have been replaced by somebody else: refused, after one look', async () => {
    await copied(withId('2.25.1'));
    record.held.set('2.25.1', { ...held('2.25.1'), state: 'deprecated' });
    const outcome = await tryCopy(withId('2.25.2', { relations: replaces({ uniqueId: '2.25.1' }) }));
    expect(outcome).toEqual({ do: 'refused', code: 'XDSReplaceFailed' });
    expect(record.asked).toMatchObject({ find: 1, feed: 2 });
  });
});

describe('requirement 54: an attempt that is killed', () => {
  const workId = newId();
  const killed = new Error('killed');
  const cuts = (['status', 'find', 'feed'] as const).flatMap((method) => [
    { method, when: 'before' as const },
    { method, when: 'after' as const },
  ]);

  test.each(cuts)('$when the record carried out $method is made again, and the record ends the same', async ({ method, when }) => {
    await copied(withId('2.25.1'));
    await db.deleteFrom('record_documents').execute();
    const replacement = withId('2.25.2', { relations: replaces({ uniqueId: '2.25.1' }) });
    const cut = (asked: string) => {
      if (asked === method) throw killed;
      return undefined;
    };
    record[when === 'before' ? 'trouble' : 'after'] = cut;
    await expect(tryCopy(replacement, { workId })).rejects.toBe(killed);
    record.trouble = record.after = () => undefined;
    // Once more to the end, and killed before anything was written; then for good.
    await tryCopy(replacement, { workId });
    expect(await tryCopy(replacement, { workId })).toMatchObject({ do: 'fed', replaces: '2.25.1' });
    expect([held('2.25.1').state, held('2.25.2').state]).toEqual(['deprecated', 'approved']);
    expect(record.sets).toHaveLength(2);
  });
});

describe('requirement 52: a patient who objects', () => {
  test('before anything is asked is not even asked about', async () => {
    expect(await tryCopy(withId('2.25.1'), { objects: async () => true })).toEqual({ do: 'not-fed', code: 'objection' });
    expect(record.asked).toEqual({ status: 0, find: 0, feed: 0, show: 0 });
  });

  test('while the copy is under way is heard until the document leaves', async () => {
    const outcome = await tryCopy(withId('2.25.1'), { objects: async () => record.asked.status > 0 });
    expect(outcome).toEqual({ do: 'not-fed', code: 'objection' });
    expect(record.asked).toEqual({ status: 1, find: 0, feed: 0, show: 0 });
  });
});

test('a document of many megabytes is read as it leaves, never held whole', async () => {
  const filling = randomBytes(12 * 1024 * 1024).toString('base64');
  const { bytes } = await liaisonLetter(people.doctor, people.citizen, {
    change: (cda) => cda.replace('</text>', () => `<paragraph>${filling}</paragraph></text>`),
  });
  const size = { readBytes: 0, aheadBytes: 0 };
  const letter: LetterBytes = {
    sizeBytes: bytes.length,
    async *read(start, end) {
      for (let at = start; at < end; at += 65_536) {
        const chunk = bytes.subarray(at, Math.min(end, at + 65_536));
        size.readBytes += chunk.length;
        yield chunk;
      }
    },
  };
  const [document] = await describeDocuments((await indexBytes(letter)).part, letter);
  if (!document) expect.fail('no document');
  expect(document.sizeBytes).toBeGreaterThan(filling.length);
  let leftBytes = 0;
  record.feed = async ({ document: fed }: Submission) => {
    size.readBytes = 0;
    for await (const chunk of fed.open()) {
      leftBytes += chunk.length;
      // The letter holds the document in base64, deflated: three quarters of it are what it holds.
      size.aheadBytes = Math.max(size.aheadBytes, size.readBytes - leftBytes * 1.1, chunk.length);
    }
    return { do: 'fed', entryUuid: undefined, wasThere: false };
  };
  expect(await tryCopy(document)).toMatchObject({ do: 'fed' });
  expect(leftBytes).toBe(document.sizeBytes);
  expect(size.aheadBytes).toBeLessThan(1024 * 1024);
});
