// A registry of many citizens: loaded through the feed, looked up by matricule. Small here; the real size is asked for by
// SCALE_CITIZENS=10000000 npx vitest run test/scale (test/scale/README.md), which prints what it measured.
import { chmod, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import pino from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runFeed } from '../../directory/feed/run-feed.ts';
import { directoryMigrations } from '../../directory/migrations/set.ts';
import { DirectoryChanges } from '../../directory/resolver/directory-changes.ts';
import { Resolver } from '../../directory/resolver/resolver.ts';
import { programsFolder } from '../../src/config/default-folders.ts';
import { connect } from '../../src/database/connect.ts';
import { type EmbeddedServer, startEmbeddedServer } from '../../src/database/embedded/server.ts';
import { migrateAll } from '../../src/database/migrate.ts';
import type { Db } from '../../src/database/tables.ts';
import { Random } from '../crash/random.ts';
import { describeScale, type Stage } from './describe-scale.ts';
import { writeFeed } from './feed-files.ts';
import { type LookupTimes, measureLookups, sizesOfCitizens } from './measure.ts';

const smallest = 20_000;
const total = Math.max(smallest, Number(process.env.SCALE_CITIZENS ?? smallest));
const isMeasured = total > smallest;
const lookups = isMeasured ? 100_000 : 4000;
const clients = 50;
const domain = 'patient.mssante.fr';

let folder: string;
let server: EmbeddedServer;
let db: Db;
beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'passerelle-scale-')));
  await chmod(folder, 0o711);
  // As a gateway has it by default, and durable: what is measured is what an operator gets.
  const settings = { programsDir: programsFolder(), sharedBuffersBytes: 64 * 1024 * 1024, maxConnections: 100, durable: true };
  server = await startEmbeddedServer({ dataDir: join(folder, 'data'), ...settings }, pino({ level: 'silent' }));
  db = connect({ ...server.connection, poolSize: 10 });
  await migrateAll(db, [directoryMigrations]);
});
afterAll(async () => {
  await db?.destroy();
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function grow(from: number, to: number): Promise<Stage> {
  const file = join(folder, `${to}.csv`);
  await writeFeed(file, from, to);
  const began = performance.now();
  const outcome = await runFeed({ db, source: file, by: 'scale', ...(isMeasured && { onProgress: report(from, began) }) });
  const loadedInMs = performance.now() - began;
  expect(outcome).toMatchObject({ result: 'applied', counts: { read: to - from, created: to - from, refused: 0 } });
  await rm(file);
  // As autovacuum leaves a table within minutes of a load, which it would otherwise do while lookups are measured.
  await sql`vacuum (analyze) citizens`.execute(db);
  await sql`checkpoint`.execute(db);
  return { citizens: to, loadedInMs, sizes: await sizesOfCitizens(db), lookups: await lookUp(to) };
}

/** As the doors do, but remembering nothing: each question is the registry's to answer. */
async function lookUp(known: number): Promise<LookupTimes> {
  const resolver = new Resolver({ db, domain, changes: new DirectoryChanges(), maxEntries: 0 });
  const random = new Random(known);
  const chance = () => random.next();
  await measureLookups(resolver, domain, { known, lookups: lookups / 4, clients, chance });
  return await measureLookups(resolver, domain, { known, lookups, clients, chance });
}

function report(from: number, began: number): (lines: number) => void {
  let told = 0;
  return (lines) => {
    if (lines - told < 500_000) return;
    told = lines;
    const seconds = (performance.now() - began) / 1000;
    process.stderr.write(`${from + lines} citizens after ${seconds.toFixed(0)} s of this file\n`);
  };
}

test(
  'a citizen is found by their matricule among many as among few, and a stranger is nobody',
  async () => {
    const few = await grow(0, total / 10);
    const many = await grow(total / 10, total);
    const ratio = many.lookups.medianMs / few.lookups.medianMs;
    if (isMeasured) process.stderr.write(describeScale([few, many]));
    for (const { lookups: found } of [few, many]) expect(found.foundShare).toBeCloseTo(0.9, 1);
    // What a lookup costs does not follow the number of citizens; beside other tests, a clock says no more than that.
    expect(ratio).toBeLessThan(isMeasured ? 1.5 : 4);
  },
  4 * 3_600_000,
);
