// Letters with health documents: held, refused or passed by what their archive says of each recipient. Requirements 41, 42, 47, 50.
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { parseIns } from '../../src/core/ins.ts';
import { reportRowKind } from '../../src/delivery/automatic-letters.ts';
import { readCourse } from '../../src/delivery/ledger.ts';
import { listQuarantine } from '../../src/delivery/quarantine.ts';
import { createEvents } from '../../src/observe/events.ts';
import { createMetrics } from '../../src/observe/metrics.ts';
import { base64, type CdaFacts, cda, type EntryFacts, entry, letterWith, metadata, pair, ruth } from '../mail/documents/documents.ts';
import { zip } from '../mail/documents/zip.ts';
import { letter, openTown, people } from '../support/one-path.ts';

const { doctor, colleague, citizen, neighbour, elsewhere } = people;
const accepted = { do: 'accepted' };
const metrics = createMetrics();

let town: Awaited<ReturnType<typeof openTown>>;
beforeAll(async () => {
  town = await openTown({ events: createEvents(pino({ level: 'silent' }), metrics) });
});
afterAll(() => town.close());
beforeEach(async () => {
  for (const table of ['outbox', 'ledger', 'register_letters', 'exchanges', 'quarantine'] as const)
    await town.db.deleteFrom(table).execute();
  metrics.registry.resetMetrics();
});

/** A letter with one archive; large ones are files, small ones travel inline. */
function withArchive(from: typeof doctor, archive: Buffer, name = 'IHE_XDM.zip', fields = ''): Buffer {
  const head = letter(from, fields).split('\r\n\r\n')[0];
  return Buffer.from(letterWith(base64(archive, name)).toString('latin1').replace('From: a@x.fr', String(head)), 'latin1');
}
const archiveOf = (facts: EntryFacts = {}, document: CdaFacts = {}) => zip([...pair(metadata(entry(facts)), cda(document))]);
const hidden = { codes: ['N', 'INVISIBLE_PATIENT'] };
const held = async () => (await listQuarantine(town.db)).map(({ recipient, code }) => [recipient, code]);
const counted = async (name: string) =>
  ((await metrics.registry.getSingleMetric(name)?.get())?.values ?? []).map(({ labels, value }) => [Object.values(labels)[0], value]);

describe('requirement 50: what the patient must not see yet', () => {
  test.each([
    ['inline', ''],
    ['in a file', 'x'.repeat(60_000)],
  ])('is held for the patient and told to the sender, placed for the others; the letter is %s', async (_where, padding) => {
    const before = { citizen: (await town.inbox(citizen)).length, colleague: (await town.inbox(colleague)).length };
    const sent = Buffer.concat([withArchive(doctor, archiveOf(hidden)), Buffer.from(padding)]);
    const arrival = town.arrivalFrom(doctor);
    expect(await town.sendAs(arrival, [citizen, colleague], sent)).toEqual(accepted);
    expect(await town.inbox(citizen)).toHaveLength(before.citizen);
    expect((await town.inbox(colleague)).slice(before.colleague)).toMatchObject([{ bytes: sent.toString() }]);
    expect(await held()).toEqual([[citizen, 'document-hidden-from-patient']]);
    const told = await town.owed(reportRowKind);
    expect(told).toMatchObject([
      { to: doctor, recipients: [{ address: citizen, action: 'delayed', status: '4.7.1', code: 'document-hidden-from-patient' }] },
    ]);
    expect(JSON.stringify(told)).not.toMatch(/Lettre de liaison|PAT-TROIS/);
    expect((await readCourse(town.db, { letterId: arrival.id })).map(({ recipient, state }) => [recipient, state]).sort()).toEqual(
      [
        [citizen, 'held'],
        [colleague, 'delivered'],
      ].sort(),
    );
    // A letter that is held has not been received: it opens nothing.
    expect(await town.send(citizen, [doctor], letter(citizen))).toMatchObject({ code: 'exchange-never-opened' });
  });

  test('requirements 26, 50: a released letter is placed once, whoever tries again, and opens the exchange then', async () => {
    const before = (await town.inbox(citizen)).length;
    await town.send(doctor, [citizen], withArchive(doctor, archiveOf(hidden)));
    const [one] = await listQuarantine(town.db);
    const row = '0198b000-0000-7000-8000-000000000001';
    await town.db
      .insertInto('outbox')
      .values({ id: row, kind: 'deliver-held-letter', payload: '{}', next_attempt_at: new Date(), created_at: new Date() })
      .execute();
    const trace = Buffer.from(`Return-Path: <${doctor}>\r\nReceived: from here\r\n`);
    const release = () =>
      town.path.deliver(
        town.arrivalFrom(doctor, 'pipeline', { id: one?.letterId ?? '', settles: row, trace }),
        [{ address: citizen, notify: ['success', 'failure', 'delay'] }],
        (async function* () {
          yield withArchive(doctor, archiveOf(hidden));
        })(),
      );
    expect(await Promise.all([release(), release()])).toEqual([accepted, accepted]);
    expect(await release()).toEqual(accepted);
    expect((await town.inbox(citizen)).slice(before).map(({ prefix, sender }) => [prefix, sender])).toEqual([[trace.toString(), doctor]]);
    expect(await town.send(citizen, [doctor], letter(citizen))).toEqual(accepted);
    expect(await readCourse(town.db, { letterId: one?.letterId ?? '' })).toMatchObject([{ recipient: citizen, state: 'delivered' }]);
    expect((await town.owed(reportRowKind)).length).toBe(2);
  });
});

describe('requirement 50: a document about somebody else', () => {
  test('is held for whom it is not about, and placed for whom it is', async () => {
    const before = (await town.inbox(neighbour)).length;
    await town.send(doctor, [citizen, neighbour], withArchive(doctor, archiveOf({ ins: ruth }, { ins: ruth })));
    expect(await held()).toEqual([[citizen, 'document-about-someone-else']]);
    expect(await town.inbox(neighbour)).toHaveLength(before + 1);
  });

  test('what names a former matricule is still about the same person', async () => {
    const before = (await town.inbox(citizen)).length;
    const former = parseIns('185019910000121') ?? expect.fail('not a matricule');
    const { citizen_id } = await town.db
      .selectFrom('citizens')
      .select('citizen_id')
      .where('birth_name', '=', 'PAT-TROIS')
      .executeTakeFirstOrThrow();
    await town.db.insertInto('former_matricules').values({ ins: former, citizen_id }).execute();
    await town.send(doctor, [citizen], withArchive(doctor, archiveOf({ ins: former }, { ins: former })));
    expect(await held()).toEqual([]);
    expect(await town.inbox(citizen)).toHaveLength(before + 1);
  });

  test('is held too when METADATA.XML and the document do not name the same person', async () => {
    await town.send(doctor, [citizen], withArchive(doctor, archiveOf({}, { ins: ruth })));
    expect(await held()).toEqual([[citizen, 'document-about-someone-else']]);
  });
});

describe('requirement 47: archives that cannot be read', () => {
  test.each(['IHE_XDM.zip', 'ihe_xdm.ZIP', 'IHE-XDM.zip'])(
    '%s that is damaged is held for the patient, and placed for a professional',
    async (name) => {
      const before = (await town.inbox(colleague)).length;
      expect(await town.send(elsewhere, [citizen, colleague], withArchive(elsewhere, Buffer.from('PK\x03\x04 abîmé'), name), 'mx')).toEqual(
        accepted,
      );
      expect(await held()).toEqual([[citizen, 'document-unreadable']]);
      expect(await town.inbox(colleague)).toHaveLength(before + 1);
      expect(await counted('passerelle_documents_not_read_total')).toEqual([['unreadable', 1]]);
    },
  );

  test('one that is made to harm is refused for everybody, and leaves nothing behind', async () => {
    const files = await town.files();
    const bomb = zip([...pair(), { name: '../../etc/passwd', content: 'x'.repeat(100) }]);
    const sent = Buffer.concat([withArchive(doctor, bomb), Buffer.alloc(60_000, 'x')]);
    expect(await town.send(doctor, [citizen, colleague], sent)).toMatchObject({ do: 'refuse', code: 'document-hostile' });
    expect(await town.files()).toBe(files);
    expect(await held()).toEqual([]);
  });
});

describe('requirements 41, 42: X-MSS-* fields', () => {
  test('what does not fit the documents is counted, passes as it was written and is never refused', async () => {
    const fields = 'X-MSS-CODECDA: 34112-3\r\nX-MSS-INS: N\r\nX-MSS-NIL: DEV935997\r\nX-MSS-Autre: tel quel\r\n';
    const sent = withArchive(doctor, archiveOf(), 'IHE_XDM.zip', fields);
    expect(await town.send(doctor, [citizen], sent)).toEqual(accepted);
    expect((await town.inbox(citizen)).at(-1)?.bytes).toBe(sent.toString());
    expect(await counted('passerelle_mss_mismatches_total')).toEqual([['ins-differs', 1]]);
    await town.send(doctor, [citizen], letter(doctor, fields));
    expect(await counted('passerelle_mss_mismatches_total')).toEqual([
      ['ins-differs', 1],
      ['codecda-unexpected', 1],
      ['ins-unexpected', 1],
    ]);
  });

  test('a citizen’s letter is asked for none of them', async () => {
    await town.send(doctor, [citizen], letter(doctor, 'X-MSS-NIL: DEV935997\r\n'));
    await town.send(citizen, [doctor], letter(citizen));
    expect(await counted('passerelle_mss_mismatches_total')).toEqual([]);
  });
});
