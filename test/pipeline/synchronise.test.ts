// The registry fed by itself: the national extraction from where it is published, citizens from a folder.
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { citizenAddress } from '../../directory/citizen-addresses.ts';
import { readAges } from '../../directory/feed/synchronisations.ts';
import { whileImporting } from '../../directory/imports/while-importing.ts';
import { registerCitizen } from '../../directory/registry.ts';
import { DirectoryChanges } from '../../directory/resolver/directory-changes.ts';
import { Resolver } from '../../directory/resolver/resolver.ts';
import { inTransaction } from '../../mailboxes/in-transaction.ts';
import { findMailboxes } from '../../mailboxes/mailbox.ts';
import { issueApplicationPassword } from '../../src/accounts/application-passwords.ts';
import { authenticate } from '../../src/accounts/sign-in.ts';
import { allMigrations } from '../../src/all-migrations.ts';
import { systemClock } from '../../src/core/clock.ts';
import { type Ins, insKey } from '../../src/core/ins.ts';
import { periodItems, periodicTasks } from '../../src/pipeline/periods.ts';
import type { RegistrySources, TaskServices } from '../../src/pipeline/task.ts';
import { synchroniseDirectory } from '../../src/pipeline/tasks/synchronise-directory.ts';
import { takeCitizenFeed } from '../../src/pipeline/tasks/take-citizen-feed.ts';
import { gatewayTasks } from '../../src/pipeline/tasks.ts';
import { writeFeed } from '../scale/feed-files.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { extractionLines, publishedHeader } from '../support/extraction-lines.ts';
import { testCertificate } from '../support/tls.ts';
import { servicesFor } from './effects.ts';

const hourMs = 3_600_000;
let database: TestDatabase;
let folder: string;
let told: { event: string; facts: unknown }[];
beforeEach(async () => {
  database = await createTestDatabase(allMigrations);
  folder = await mkdtemp(join(tmpdir(), 'passerelle-synchronise-'));
});
afterEach(async () => {
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

/** One attempt of a task, as the worker would make it. */
async function attempt(task: typeof synchroniseDirectory, sources: RegistrySources, signal = new AbortController().signal) {
  const services = servicesFor(database.db, folder);
  told = services.told;
  return await task.attempt({ ...services, sources, signal, rowId: 'a row' }, {});
}
const count = async (table: 'citizens' | 'addresses') =>
  (await sql<{ n: number }>`select count(*) as n from ${sql.table(table)}`.execute(database.db)).rows[0]?.n;
const isUpToDate = async (kind: 'extraction' | 'citizens') => {
  const { rows } = await sql<{ succeeded_at: Date | null }>`select succeeded_at from synchronisations where kind = ${kind}`.execute(
    database.db,
  );
  return rows[0]?.succeeded_at instanceof Date;
};

describe('how often is the operator’s to choose', () => {
  const owed = (sources: RegistrySources, now: string) => {
    const services: TaskServices = { ...servicesFor(database.db, folder), sources };
    const kinds = ['synchronise-directory', 'take-citizen-feed'];
    return periodItems(periodicTasks(gatewayTasks, services), new Date(now)).filter(({ kind }) => kinds.includes(kind));
  };

  test('nothing is owed without a source; with one, once a period', () => {
    expect(owed({}, '2026-11-22T10:00:00Z')).toEqual([]);
    const sources = { citizenFeed: { folder, everyMs: 600_000 } };
    const [first, same, next] = ['10:00', '10:09', '10:10'].map((time) => owed(sources, `2026-11-22T${time}:00Z`));
    expect(first).toMatchObject([{ kind: 'take-citizen-feed' }]);
    expect(same).toEqual(first);
    expect(next?.[0]?.id).not.toBe(first?.[0]?.id);
  });
});

describe('requirement 24: the national extraction is taken from where it is published', () => {
  let server: Server;
  let text: Buffer;
  /** What the server was asked and how it answers; `cutAfter` breaks the answer off after that many bytes. */
  let asked: { readonly range: string | undefined; readonly status: number }[];
  let cutAfter = Number.POSITIVE_INFINITY;
  let etag = '"one"';

  beforeEach(async () => {
    asked = [];
    etag = '"one"';
    cutAfter = Number.POSITIVE_INFINITY;
    text = Buffer.from(`${publishedHeader}\r\n${[...extractionLines(3000)].join('\r\n')}\r\n`);
    server = createServer(testCertificate(), (request, response) => {
      const { range, 'if-none-match': ifNoneMatch, 'if-range': ifRange } = request.headers;
      const isSame = ifNoneMatch === etag;
      const from = range && ifRange === etag ? Number(/^bytes=(\d+)-$/.exec(range)?.[1] ?? 0) : 0;
      const status = isSame ? 304 : from > 0 ? 206 : 200;
      asked.push({ range, status });
      const body = text.subarray(from);
      response.writeHead(status, {
        etag,
        ...(status === 206 && { 'content-range': `bytes ${from}-${text.length - 1}/${text.length}` }),
        ...(status !== 304 && { 'content-length': body.length }),
      });
      if (isSame) return void response.end();
      if (body.length <= cutAfter) return void response.end(body);
      response.write(body.subarray(0, cutAfter), () => response.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => server.close());

  const published = (): RegistrySources => ({
    extraction: {
      from: { url: `https://localhost:${(server.address() as AddressInfo).port}/extraction`, folder, authority: testCertificate().cert },
      hosted: ['patient.mssante.fr'],
      everyMs: 24 * hourMs,
    },
  });

  test('fetched once, and asked for in vain while nothing is new', async () => {
    expect(await attempt(synchroniseDirectory, published())).toEqual({ do: 'done' });
    const taken = await count('addresses');
    expect(taken).toBeGreaterThan(1000);
    expect(told).toMatchObject([{ event: 'registryFed', facts: { source: 'extraction', lines: 3001 } }]);
    expect(await isUpToDate('extraction')).toBe(true);
    expect(await attempt(synchroniseDirectory, published())).toEqual({ do: 'done' });
    expect(told).toEqual([]);
    expect(asked.map(({ status }) => status)).toEqual([200, 304]);
    expect(await count('addresses')).toBe(taken);
  });

  test('a transfer that breaks off goes on where it stopped', async () => {
    cutAfter = 200_000;
    expect(await attempt(synchroniseDirectory, published())).toMatchObject({ do: 'again', because: expect.stringMatching(/^fetch-/) });
    expect(await isUpToDate('extraction')).toBe(false);
    expect((await readAges(database.db, systemClock())).has('extraction')).toBe(true);
    cutAfter = Number.POSITIVE_INFINITY;
    expect(await attempt(synchroniseDirectory, published())).toEqual({ do: 'done' });
    expect(asked).toMatchObject([{ status: 200 }, { status: 206, range: expect.stringMatching(/^bytes=[1-9]\d{4,5}-$/) }]);
    expect(told).toMatchObject([{ facts: { lines: 3001 } }]);
  });

  test('the beginning of one version is never joined to the end of another', async () => {
    cutAfter = 200_000;
    await attempt(synchroniseDirectory, published());
    cutAfter = Number.POSITIVE_INFINITY;
    etag = '"two"';
    text = Buffer.from(`${publishedHeader}\r\n${[...extractionLines(2000, { seed: 2 })].join('\r\n')}\r\n`);
    expect(await attempt(synchroniseDirectory, published())).toEqual({ do: 'done' });
    expect(asked).toMatchObject([{ status: 200 }, { status: 200, range: expect.stringMatching(/^bytes=[1-9]\d{4,5}-$/) }]);
    expect(told).toMatchObject([{ facts: { lines: 2001 } }]);
  });

  test('a server that another authority vouches for is not believed', async () => {
    const from = { url: `https://localhost:${(server.address() as AddressInfo).port}/extraction`, folder };
    expect(await attempt(synchroniseDirectory, { extraction: { from, hosted: [], everyMs: hourMs } })).toMatchObject({ do: 'again' });
    expect(asked).toEqual([]);
  });

  test('a file that is no extraction is tried again; one that another process imports is left to it, and looked at again', async () => {
    const file = join(folder, 'extraction.txt');
    const sources = { extraction: { from: { file }, hosted: [], everyMs: hourMs } };
    expect(await attempt(synchroniseDirectory, sources)).toEqual({ do: 'again', because: 'file-missing' });
    await writeFile(file, 'bonjour\n');
    expect(await attempt(synchroniseDirectory, sources)).toMatchObject({ do: 'again', because: expect.stringMatching(/^file-/) });
    await writeFile(file, text);
    await whileImporting(database.db, 'extraction', async () => {
      expect(await attempt(synchroniseDirectory, sources)).toEqual({ do: 'again', because: 'busy' });
    });
    expect(await count('addresses')).toBe(0);
    expect(await isUpToDate('extraction')).toBe(false);
    // Whoever was at it did not come to the end: today's extraction does not wait until tomorrow.
    expect(await attempt(synchroniseDirectory, sources)).toEqual({ do: 'done' });
    expect(await isUpToDate('extraction')).toBe(true);
  });
});

describe('citizens are taken from a folder', () => {
  const sources = (): RegistrySources => ({ citizenFeed: { folder: join(folder, 'feed'), everyMs: 600_000 } });
  const inFeed = (name: string) => join(folder, 'feed', name);
  const settle = (name: string) => utimes(inFeed(name), new Date(0), new Date(0));
  beforeEach(() => mkdir(join(folder, 'feed')));

  test('each file once, in the order of names, and moved beside', async () => {
    await writeFeed(inFeed('2.csv'), 0, 300);
    await writeFile(inFeed('1.csv'), 'bonjour\n');
    await writeFile(inFeed('note.txt'), 'pour personne');
    await writeFeed(inFeed('3.csv'), 300, 400);
    for (const name of ['1.csv', '2.csv', 'note.txt']) await settle(name);
    expect(await attempt(takeCitizenFeed, sources())).toEqual({ do: 'done' });
    expect(told).toMatchObject([
      { event: 'feedRefused', facts: { because: 'no-header' } },
      { event: 'registryFed', facts: { source: 'citizens', lines: 300, refused: 0 } },
    ]);
    // The third one may still be growing.
    expect((await readdir(join(folder, 'feed'))).sort()).toEqual(['3.csv', 'done', 'note.txt', 'refused']);
    expect(await readdir(inFeed('done'))).toEqual([expect.stringMatching(/-2\.csv$/)]);
    await settle('3.csv');
    expect(await attempt(takeCitizenFeed, sources())).toEqual({ do: 'done' });
    expect(await count('citizens')).toBe(400);
    expect(await isUpToDate('citizens')).toBe(true);
  });

  test('a gateway that stops leaves the file, and the next one goes on', async () => {
    await writeFeed(inFeed('1.csv'), 0, 25_000);
    await settle('1.csv');
    const stopped = AbortSignal.abort();
    expect(await attempt(takeCitizenFeed, sources(), stopped)).toEqual({ do: 'again', because: 'gateway-stopped' });
    expect(await readdir(join(folder, 'feed'))).toEqual(['1.csv']);
    expect(await isUpToDate('citizens')).toBe(false);
    expect(await attempt(takeCitizenFeed, sources())).toEqual({ do: 'done' });
    expect(await count('citizens')).toBe(25_000);
  }, 60_000);

  describe('a provisional matricule gives way to the one for life', () => {
    const domain = 'patient.mssante.fr';
    const pepper = Buffer.alloc(32, 7);
    const [nia, nir, later, silent, silentNow, passwordOnly, passwordOnlyNow] = [
      '7790399100001',
      '2790399100001',
      '2790399100002',
      '7790399100003',
      '2790399100003',
      '7790399100004',
      '2790399100004',
    ].map((body) => `${body}${insKey(body)}` as Ins) as [Ins, Ins, Ins, Ins, Ins, Ins, Ins];
    const at = (ins: Ins) => citizenAddress(ins, domain);
    const header = 'matricule;nom_naissance;premier_prenom;date_naissance;sexe;matricule_precedent';
    const take = async (...moves: readonly (readonly [from: Ins, to: Ins])[]) => {
      const lines = moves.map(([from, to]) => `${to};MARTIN;LÉA;1979-03-28;F;${from}`);
      await writeFile(inFeed('moves.csv'), [header, ...lines, ''].join('\n'));
      await settle('moves.csv');
      expect(await attempt(takeCitizenFeed, sources())).toEqual({ do: 'done' });
      expect(told).toMatchObject([{ event: 'registryFed', facts: { lines: moves.length, refused: 0 } }]);
    };
    const register = (ins: Ins) =>
      registerCitizen(database.db, { ins, birthName: 'MARTIN', firstGivenName: 'LÉA', birthDate: '1979-03-28', sex: 'F' }, domain);
    const signIn = (ins: Ins, password: string) =>
      authenticate(
        {
          db: database.db,
          resolver: new Resolver({ db: database.db, domain, changes: new DirectoryChanges(), maxEntries: 0 }),
          inTransaction: (work) => inTransaction(database.db, work),
          pepper,
          mailboxes: { citizensDomain: domain, quotaBytes: 1_000_000 },
          clock: systemClock,
        },
        at(ins),
        password,
      );
    const issue = (ins: Ins) => issueApplicationPassword(database.db, pepper, at(ins), 'Thunderbird');

    test('the person signs in with the new address and the passwords they had, and the old login opens nothing', async () => {
      for (const ins of [nia, silent, passwordOnly]) await register(ins);
      const [password, other] = [await issue(nia), await issue(passwordOnly)];
      const before = await signIn(nia, password);
      await take([nia, nir], [silent, silentNow], [passwordOnly, passwordOnlyNow]);
      expect(await signIn(nir, password)).toEqual({ address: at(nir), mailboxId: before?.mailboxId });
      expect(await signIn(nia, password)).toBeUndefined();
      // Nobody had made this one's mailbox yet.
      expect(await signIn(passwordOnlyNow, other)).toMatchObject({ address: at(passwordOnlyNow) });
      expect(await signIn(passwordOnly, other)).toBeUndefined();
      // Letters to either address arrive in the one mailbox.
      const boxes = await findMailboxes(database.db, [at(nia), at(nir)]);
      expect([...boxes.values()]).toMatchObject([
        { mailboxId: before?.mailboxId, address: at(nir) },
        { mailboxId: before?.mailboxId, address: at(nir) },
      ]);
    });

    test('again, and back again: passwords follow each time, those made meanwhile too', async () => {
      await register(nia);
      const password = await issue(nia);
      const before = await signIn(nia, password);
      await take([nia, nir]);
      const younger = await issue(nir);
      for (const [from, to] of [
        [nir, later],
        [later, nir],
      ] as const) {
        await take([from, to]);
        for (const each of [password, younger]) {
          expect(await signIn(to, each)).toEqual({ address: at(to), mailboxId: before?.mailboxId });
          expect(await signIn(from, each)).toBeUndefined();
        }
      }
    });

    test('a batch that is undone moves nobody’s login', async () => {
      await register(nia);
      const password = await issue(nia);
      await signIn(nia, password);
      await writeFile(inFeed('moves.csv'), `${header}\n${nir};MARTIN;LÉA;1979-03-28;F;${nia}\n`);
      await settle('moves.csv');
      await sql`alter table imports add constraint full_disk check (lines_taken = 0)`.execute(database.db);
      await expect(attempt(takeCitizenFeed, sources())).rejects.toThrow();
      expect(await signIn(nia, password)).toMatchObject({ address: at(nia) });
      expect(await signIn(nir, password)).toBeUndefined();
      await sql`alter table imports drop constraint full_disk`.execute(database.db);
      expect(await attempt(takeCitizenFeed, sources())).toEqual({ do: 'done' });
      expect(await signIn(nir, password)).toMatchObject({ address: at(nir) });
    });
  });

  test('a folder that is not there is tried again, for a person to see', async () => {
    await rm(join(folder, 'feed'), { recursive: true });
    expect(await attempt(takeCitizenFeed, sources())).toEqual({ do: 'again', because: 'folder-enoent' });
  });
});
