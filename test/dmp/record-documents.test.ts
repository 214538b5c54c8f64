// The register of documents: one row a unique id, whoever brings it, and a state that never loses what the record holds. Requirement 49.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { inTransaction } from '../../mailboxes/in-transaction.ts';
import { allMigrations } from '../../src/all-migrations.ts';
import { newId } from '../../src/core/ids.ts';
import type { Trx } from '../../src/database/tables.ts';
import { listDueToShow, markShown, readHidden, takeUntold } from '../../src/dmp/hidden-documents.ts';
import {
  type BroughtDocument,
  closeDocument,
  courseOfCopies,
  findByEntry,
  forgetDocuments,
  isUniqueId,
  listCopies,
  noteAnswer,
  noteOther,
  readDocument,
  registerDocuments,
} from '../../src/dmp/record-documents.ts';
import { createTestDatabase } from '../support/database.ts';
import { anEntry } from './an-entry.ts';

let { db, close } = {} as Awaited<ReturnType<typeof createTestDatabase>>;
beforeAll(async () => {
  ({ db, close } = await createTestDatabase(allMigrations));
});
afterAll(() => close());
beforeEach(() => db.deleteFrom('record_documents').execute());

const now = new Date('2026-11-22T08:00:00Z');
const within = <Result>(work: (trx: Trx) => Promise<Result>) => inTransaction(db, work);
const register = (...brought: Partial<BroughtDocument>[]) =>
  within((trx) =>
    registerDocuments(
      trx,
      brought.map((one, at) => ({ uniqueId: '1.2.3', letterId: newId(), place: at + 1, citizenId: undefined, ...one })),
      now,
    ),
  );
const sha1 = Buffer.alloc(20, 1);
const fed = { do: 'fed', entry: anEntry(), entryUuid: 'urn:uuid:1', isHidden: false, sha1, citizenId: 7 } as const;
const end = (uniqueId: string, how: Parameters<typeof closeDocument>[2] = fed) => within((trx) => closeDocument(trx, uniqueId, how, now));

test('two letters of one group bring one document: each owes it, the register has it once', async () => {
  const owed = await register({}, {}, { uniqueId: '1.2.4' });
  expect(owed).toHaveLength(3);
  expect((await listCopies(db, ['waiting'], 10)).map(({ uniqueId }) => uniqueId).sort()).toEqual(['1.2.3', '1.2.4']);
});

test('a document that is twice in one letter is one', async () => {
  const letterId = newId();
  expect(await register({ letterId, place: 2 }, { letterId, place: 1 })).toEqual([{ letterId, uniqueId: '1.2.3' }]);
  expect(await courseOfCopies(db, [letterId])).toMatchObject([{ place: 1, state: 'waiting' }]);
});

test('many letters at once, in every order, end with one row a document and no deadlock that is answered', async () => {
  const ids = ['1.1', '1.2', '1.3', '1.4'];
  const groups = Array.from({ length: 12 }, (_, at) => (at % 2 ? ids : ids.toReversed()).map((uniqueId) => ({ uniqueId })));
  const owed = await Promise.all(groups.map((group) => register(...group)));
  expect(owed.map((one) => one.length)).toEqual(groups.map(() => 4));
  expect(await listCopies(db, ['waiting'], 100)).toHaveLength(4);
});

test('what the record holds stays so, whatever ends later', async () => {
  await register({});
  expect(await end('1.2.3')).toBe(true);
  expect(await end('1.2.3')).toBe(false);
  expect(await end('1.2.3', { do: 'refused', code: 'XDSNonIdenticalHash' })).toBe(false);
  expect(await register({ leftOut: 'objection' })).toEqual([]);
  // Another letter may bring other bytes: somebody must look.
  expect(await register({})).toHaveLength(1);
  expect(await readDocument(db, '1.2.3')).toEqual({ state: 'fed', entryUuid: 'urn:uuid:1', sha1 });
});

test('what was refused, or left out, waits again with the next letter, not with the same one', async () => {
  const letterId = newId();
  await register({ letterId });
  await end('1.2.3', { do: 'refused', code: 'language' });
  expect(await register({ letterId })).toEqual([]);
  expect(await readDocument(db, '1.2.3')).toMatchObject({ state: 'refused' });
  expect(await register({ leftOut: 'objection' })).toEqual([]);
  expect((await listCopies(db, ['not-fed'], 10))[0]).toMatchObject({ code: 'objection' });
  expect(await register({})).toHaveLength(1);
  expect(await readDocument(db, '1.2.3')).toMatchObject({ state: 'waiting' });
});

test('a patient’s objection does not stop the copy that another letter owes already', async () => {
  await register({});
  expect(await register({ leftOut: 'objection' })).toEqual([]);
  expect(await readDocument(db, '1.2.3')).toMatchObject({ state: 'waiting' });
});

test('the last twenty answers are kept, in their order', async () => {
  await register({});
  for (let at = 1; at <= 25; at += 1) await within((trx) => noteAnswer(trx, '1.2.3', `down-${at}`, now));
  await end('1.2.3');
  const [copy] = await listCopies(db, ['fed'], 1);
  expect(copy?.answers.map(({ code }) => code)).toEqual([...Array.from({ length: 19 }, (_, at) => `down-${at + 7}`), 'fed']);
});

test('a document that another replaced says so, and only what is hidden keeps its entry', async () => {
  await register({ uniqueId: '1.1' }, { uniqueId: '1.2' });
  await end('1.1', { ...fed, isHidden: true });
  await end('1.2', { ...fed, replaces: '1.1' });
  const rows = await db.selectFrom('record_documents').select(['unique_id', 'replaced_by', 'entry']).orderBy('unique_id').execute();
  expect(rows).toEqual([
    { unique_id: '1.1', replaced_by: '1.2', entry: anEntry() },
    { unique_id: '1.2', replaced_by: null, entry: null },
  ]);
});

test('old documents are forgotten with their letters, but for those that wait or are hidden', async () => {
  await register({ uniqueId: '1.1' }, { uniqueId: '1.2' }, { uniqueId: '1.3' });
  await end('1.1');
  await end('1.2', { ...fed, isHidden: true });
  expect(await forgetDocuments(db, now, 10)).toBe(0);
  expect(await forgetDocuments(db, new Date(now.getTime() + 1), 10)).toBe(1);
  expect((await listCopies(db, ['waiting', 'fed'], 10)).map(({ uniqueId }) => uniqueId)).toEqual(['1.2', '1.3']);
  expect(await db.selectFrom('record_document_letters').selectAll().execute()).toHaveLength(2);
});

test('a letter that brings another document under the id says so itself, whatever the record holds, until it is copied', async () => {
  const [good, other] = [newId(), newId()];
  await register({ letterId: good }, { letterId: other });
  await end('1.2.3');
  await within((trx) => noteOther(trx, other, '1.2.3', 'not-identical'));
  expect(await courseOfCopies(db, [good])).toMatchObject([{ state: 'fed', code: null, fedAt: now }]);
  expect(await courseOfCopies(db, [other])).toMatchObject([{ state: 'refused', code: 'not-identical', fedAt: null }]);
  expect(await listCopies(db, ['waiting', 'refused'], 10)).toMatchObject([{ letterId: other, code: 'not-identical' }]);
  expect(await listCopies(db, ['fed'], 10)).toMatchObject([{ letterId: good, state: 'fed' }]);
  expect(await listCopies(db, ['fed', 'refused'], 1)).toHaveLength(1);
  await within((trx) => noteOther(trx, other, '1.2.3', null));
  expect(await courseOfCopies(db, [other])).toMatchObject([{ state: 'fed' }]);
});

test('whose document it is, is said by what was fed, not by who brought the id first', async () => {
  await register({ citizenId: 1 });
  await end('1.2.3', { ...fed, citizenId: 2, isHidden: true });
  expect(await readHidden(db, '1.2.3')).toMatchObject({ citizenId: 2 });
});

test('a shown document has another name in the registry: ours is forgotten with its entry', async () => {
  await register({});
  await end('1.2.3', { ...fed, isHidden: true });
  expect(await findByEntry(db, 'urn:uuid:1')).toBe('1.2.3');
  expect(await within((trx) => markShown(trx, '1.2.3', now))).toBe(true);
  expect(await within((trx) => markShown(trx, '1.2.3', now))).toBe(false);
  expect(await readDocument(db, '1.2.3')).toEqual({ state: 'fed', entryUuid: undefined, sha1 });
  expect(await findByEntry(db, 'urn:uuid:1')).toBeUndefined();
});

test('requirement 51: however late the daily work, no document is told of and due to be shown on one day', async () => {
  const day = 24 * 3_600_000;
  const ago = (at: Date, days: number) => new Date(at.getTime() - days * day);
  const tell = (at: Date) => within((trx) => takeUntold(trx, { tellBefore: ago(at, 30), showBefore: ago(at, 90) }, at, 10));
  const due = (at: Date) => listDueToShow(db, { showBefore: ago(at, 90), now: at }, '', 10);
  const after = (days: number, minutes = 0) => new Date(now.getTime() + days * day + minutes * 60_000);
  await register({});
  await end('1.2.3', { ...fed, isHidden: true });
  // Nobody worked for three months: the patient hears once, that it is visible.
  expect(await tell(after(90))).toEqual([]);
  expect(await due(after(90))).toEqual(['1.2.3']);
  // Told of on its ninetieth day, a moment before its time: shown on the next.
  expect(await tell(after(90, -1))).toEqual([7]);
  expect(await due(after(90, 1))).toEqual([]);
  expect(await due(after(91, -5))).toEqual(['1.2.3']);
});

describe('isUniqueId()', () => {
  test.each([
    ['1.2.250.1.999.7.1', true],
    ['1.2.250.1.999.7.1^42', true],
    ['', false],
    ['1.2 3', false],
    ['1.2\0', false],
    ['1.2.é', false],
    ['1'.repeat(200), true],
    ['1'.repeat(201), false],
  ])('%j is %s', (text, expected) => expect(isUniqueId(text)).toBe(expected));
});
