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
import { startEmbeddedServer } from '../../src/database/embedded/server.ts';
import { migrateAll } from '../../src/database/migrate.ts';
import { Random } from '../crash/random.ts';
import { nothingToMove } from '../directory/feed/nothing-to-move.ts';
import { describeScale } from './describe-scale.ts';
import { writeFeed } from './feed-files.ts';
import { type LookupTimes, measureLookups, middleOf, type Size, sizesOfCitizens } from './measure.ts';

const smallest = 20_000;
const total = Math.max(smallest, Number(process.env.SCALE_CITIZENS ?? smallest));
const isMeasured = total > smallest;
/** In one turn. */
const lookups = isMeasured ? 50_000 : 2000;
const countedTurns = isMeasured ? 7 : 3;
const clients = 50;
const gib = 1024 ** 3;
const domain = 'patient.mssante.fr';

let folder: string;
const closing: (() => Promise<void>)[] = [];
beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'passerelle-scale-')));
  await chmod(folder, 0o711);
});
afterAll(async () => {
  for (const close of closing.reverse()) await close();
  await rm(folder, { recursive: true, force: true });
});

/** A registry of so many citizens, on a server of its own. */
type Registry = { readonly citizens: number; readonly loadedInMs: number; readonly sizes: readonly Size[]; readonly resolver: Resolver };

async function openRegistry(citizens: number): Promise<Registry> {
  // Durable, and with the memory that docs/operations/deploy.md asks for: what is measured is what an operator gets.
  const settings = {
    programsDir: programsFolder(),
    sharedBuffersBytes: isMeasured ? 4 * gib : gib / 16,
    maxConnections: 100,
    durable: true,
  };
  const server = await startEmbeddedServer({ dataDir: join(folder, String(citizens)), ...settings }, pino({ level: 'silent' }));
  closing.push(() => server.stop());
  const db = connect({ ...server.connection, poolSize: 10 });
  closing.push(() => db.destroy());
  await migrateAll(db, [directoryMigrations]);
  const file = join(folder, `${citizens}.csv`);
  await writeFeed(file, 0, citizens);
  const began = performance.now();
  const outcome = await runFeed({
    db,
    source: file,
    by: 'scale',
    moveAlong: nothingToMove,
    ...(isMeasured && { onProgress: report(began) }),
  });
  const loadedInMs = performance.now() - began;
  expect(outcome).toMatchObject({ result: 'applied', counts: { read: citizens, created: citizens, refused: 0 } });
  await rm(file);
  // As autovacuum leaves a table within minutes of a load, which it would otherwise do while lookups are measured.
  await sql`vacuum (analyze) citizens`.execute(db);
  await sql`checkpoint`.execute(db);
  // As the doors ask, but remembering nothing: each question is the registry's to answer.
  const resolver = new Resolver({ db, domain, changes: new DirectoryChanges(), maxEntries: 0 });
  return { citizens, loadedInMs, sizes: await sizesOfCitizens(db), resolver };
}

function lookUp({ resolver, citizens: known }: Registry, random: Random): Promise<LookupTimes> {
  return measureLookups(resolver, domain, { known, lookups, clients, chance: () => random.next() });
}

function report(began: number): (lines: number) => void {
  let told = 0;
  return (lines) => {
    if (lines - told < 500_000) return;
    told = lines;
    process.stderr.write(`${lines} citizens after ${((performance.now() - began) / 1000).toFixed(0)} s of this file\n`);
  };
}

test(
  'a citizen is found by their matricule among many as among few, and a stranger is nobody',
  async () => {
    const few = await openRegistry(total / 10);
    const many = await openRegistry(total);
    const random = new Random(total);
    // In turns, so that whatever else the machine does slows both; the first turn warms them and is not counted.
    const turns: { few: LookupTimes; many: LookupTimes }[] = [];
    for (let turn = 0; turn <= countedTurns; turn += 1) turns.push({ few: await lookUp(few, random), many: await lookUp(many, random) });
    const counted = turns.slice(1);
    const stages = [
      { ...few, lookups: middleOf(counted.map((turn) => turn.few)) },
      { ...many, lookups: middleOf(counted.map((turn) => turn.many)) },
    ];
    if (isMeasured) process.stderr.write(describeScale(stages));
    for (const { lookups: found } of stages) expect(found.foundShare).toBeCloseTo(0.9, 1);
    // What a lookup costs does not follow the number of citizens; beside other tests, a clock says no more than that.
    const [small, large] = stages;
    expect((large?.lookups.medianMs ?? 0) / (small?.lookups.medianMs ?? 1)).toBeLessThan(isMeasured ? 1.2 : 4);
    if (isMeasured) expect(large?.lookups.p99Ms).toBeLessThan(5);
  },
  4 * 3_600_000,
);
