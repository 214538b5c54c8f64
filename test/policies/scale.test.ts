// What one verdict costs with its facts from the database, however much is stored: lookups by key, and nothing that grows.
// POLICIES_SCALE=1 fills a million exchanges and times thousands of single questions; without it, fewer rows and the plan alone.
import { CompiledQuery, type KyselyPlugin, sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { blockerOf } from '../../policies/blocker.ts';
import { unread } from '../../policies/facts.ts';
import { judgeRecipient } from '../../policies/judge.ts';
import { policiesMigrations } from '../../policies/migrations/set.ts';
import { type Pair, readStandings } from '../../policies/register.ts';
import type { Db } from '../../src/database/tables.ts';
import { percentile } from '../bench/percentile.ts';
import { address } from '../support/address.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

const isLarge = process.env.POLICIES_SCALE === '1';
const exchanges = isLarge ? 1_000_000 : 20_000;
const perCitizen = 10;
const boxes = 20_000;
const others = isLarge ? 100_000 : 20_000;
const now = new Date('2026-11-22T11:00:00Z');
const patienceMs = 300_000;

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase([policiesMigrations]);
  await fill(database.db);
}, patienceMs);
afterAll(() => database.close());

test('requirements 25, 32, 33: a standing is read by primary keys, with a plan made for any question too', async () => {
  const { db } = database;
  const asked = await statementOf(db);
  for (const options of ['format json', 'generic_plan, format json']) {
    const parameters = options.startsWith('generic') ? [] : [...asked.parameters];
    const { rows } = await db.executeQuery<{ 'QUERY PLAN': Plan[] }>(CompiledQuery.raw(`explain (${options}) ${asked.sql}`, parameters));
    const scans = rows[0]?.['QUERY PLAN'].flatMap(({ Plan: plan }) => scansOf(plan)) ?? [];
    const names = ['blocks', 'exchanges', 'first_contact_guests', 'first_contacts', 'first_letters'];
    expect(scans.map((scan) => scan.table).sort()).toEqual(names);
    expect(scans.map((scan) => scan.index).sort()).toEqual(names.map((name) => `${name}_pkey`));
  }
});

// One test when the flag is down, two when it is up: nothing is ever skipped.
if (isLarge)
  test('one verdict with its facts takes less than 1 ms at the median and 5 ms at the 99th percentile, with 1,000,000 exchanges', async () => {
    const { db } = database;
    const verdicts: number[] = [];
    const trips: number[] = [];
    for (let at = 0; at < 5200; at += 1) {
      const startedAt = performance.now();
      await ask(db);
      const answeredAt = performance.now();
      await sql`select 1`.execute(db);
      if (at < 200) continue; // connections opened, statements prepared
      verdicts.push(answeredAt - startedAt);
      trips.push(performance.now() - answeredAt);
    }
    const [median, late] = [percentile(verdicts, 0.5), percentile(verdicts, 0.99)];
    process.stdout.write(
      `One verdict with ${exchanges} exchanges: median ${median.toFixed(2)} ms, 99 % ${late.toFixed(2)} ms; ` +
        `a bare trip to the database beside it: ${percentile(trips, 0.5).toFixed(2)} ms, ${percentile(trips, 0.99).toFixed(2)} ms\n`,
    );
    expect(median).toBeLessThan(1);
    expect(late).toBeLessThan(5);
  });

/** One question and its verdict, about a pair drawn by lot: half of them have an exchange. */
async function ask(db: Db): Promise<void> {
  const [standing] = await readStandings(db, [pairByLot()], now);
  if (!standing) throw new Error('A pair has a standing');
  const sender = { kind: 'citizen', hasNullPath: false, guessesAddresses: false } as const;
  judgeRecipient({ sender, recipient: { kind: 'professional', state: 'active' }, standing, content: unread });
}

function pairByLot(): Pair {
  const citizenId = Math.floor((Math.random() * exchanges) / perCitizen);
  // As fill() pairs them, or anyone.
  const isKnown = Math.random() < 0.5;
  const box = isKnown ? (citizenId * 7 + Math.floor(Math.random() * perCitizen) * 13) % boxes : Math.floor(Math.random() * boxes);
  const correspondent = address(`box${box}@test.mssante.fr`);
  return { citizenId, correspondent, blocker: blockerOf({ address: correspondent }) };
}

async function fill(db: Db): Promise<void> {
  const statements = [
    `insert into exchanges (citizen_id, correspondent, state, opened_by, opened_at)
      select citizen, 'box' || ((citizen * 7 + k * 13) % ${boxes}) || '@test.mssante.fr', 'open', 'box@test.mssante.fr', now()
      from generate_series(0, ${exchanges / perCitizen - 1}) as citizen, generate_series(0, ${perCitizen - 1}) as k
      on conflict do nothing`,
    `insert into blocks (blocker, citizen_id, blocked_by, since)
      select 'box:box' || (n % ${boxes}) || '@test.mssante.fr', n, 'x', now() from generate_series(0, ${others - 1}) as n`,
    `insert into first_contacts (correspondent, audience, daily_limit)
      select 'box' || n || '@test.mssante.fr', case n % 3 when 0 then 'everyone' when 1 then 'listed' else 'nobody' end, 5
      from generate_series(0, ${boxes - 1}) as n`,
    `insert into first_contact_guests (correspondent, citizen_id)
      select 'box' || (n % ${boxes}) || '@test.mssante.fr', n from generate_series(0, ${others - 1}) as n`,
    `insert into first_letters (day, citizen_id, correspondent, letters)
      select date '2026-11-22' - (n % 30), n, 'box' || (n % ${boxes}) || '@test.mssante.fr', 1 + n % 5
      from generate_series(0, ${others - 1}) as n`,
    'analyze',
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}

/** The statement that readStandings sends. */
async function statementOf(db: Db): Promise<CompiledQuery> {
  const seen: CompiledQuery[] = [];
  const listening: KyselyPlugin = {
    transformQuery: ({ node, queryId }) => {
      seen.push(db.getExecutor().compileQuery(node, queryId));
      return node;
    },
    transformResult: async ({ result }) => result,
  };
  await readStandings(db.withPlugin(listening), [pairByLot()], now);
  const [only, ...more] = seen;
  if (!only || more.length > 0) throw new Error('A standing is one statement');
  return only;
}

type Plan = { readonly Plan: PlanNode };
type PlanNode = { readonly 'Relation Name'?: string; readonly 'Index Name'?: string; readonly Plans?: readonly PlanNode[] };

function scansOf(node: PlanNode): { readonly table: string; readonly index: string | undefined }[] {
  const below = node.Plans?.flatMap(scansOf) ?? [];
  return node['Relation Name'] === undefined ? below : [{ table: node['Relation Name'], index: node['Index Name'] }, ...below];
}
