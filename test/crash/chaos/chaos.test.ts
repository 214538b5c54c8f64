// Letters with receipts and documents while everything around the pipeline fails in turn: nothing is lost, nothing is done twice.
// CHAOS_LETTERS=5000 for the whole run, CHAOS_SEED to repeat one. Requirements 43, 49, 54. See ../README.md.
import { expect, onTestFinished, test } from 'vitest';
import { type Behaviour, seeded } from '../../../src/demo/dmp-server/behaviour.ts';
import { ordinaryAddress } from '../../support/crowd-in-documents.ts';
import { until } from '../../support/until.ts';
import { Random } from '../random.ts';
import { printTable } from '../table.ts';
import { type ChaosWorld, type Engine, openChaosWorld } from './chaos-world.ts';
import { type ChaosLetter, startChaosLoad } from './load.ts';
import { calm, type Findings, handOverOnce, makeDue, owedNow, readEverything, readReceipts, tally } from './tally.ts';
import { makeTrouble } from './troubles.ts';

const wanted = Number(process.env.CHAOS_LETTERS ?? 120);
const seed = Number(process.env.CHAOS_SEED ?? Date.now() % 1_000_000);
/** At least ten letters between two troubles, and no more troubles than this. */
const mostTroubles = 60;
const crowd = { doctors: 8, citizens: 40 };

test.each(['PostgreSQL', 'Redis'] as const)(
  `requirements 43, 49, 54: ${wanted} letters through every outage, queues on %s: each document, receipt and notice exactly once`,
  { timeout: 180_000 + wanted * 600 },
  async (engine) => {
    const { world, letters } = await runChaos(await open(engine, { errorRate: 0.2, drawnFrom: seeded(seed) }), engine, wanted);
    const startedAt = performance.now();
    await calmDown(world, letters);
    printTable('calming down', [{ engine, seconds: Math.round((performance.now() - startedAt) / 1000) }]);
    expect(await findings(world, letters)).toEqual(calm);
    await world.gateway.current.stop();
  },
);

test('the same test finds what is lost when rows are handed over once instead of being swept until they are done', {
  timeout: 180_000,
}, async () => {
  // Slow, so that many jobs wait in the queue that is emptied.
  const opened = await open('Redis', { slowMs: 2000 });
  await handOverOnce(opened.postgres.connection);
  const { world, letters } = await runChaos(opened, 'Redis', 60);
  await readAll(world);
  const found = await findings(world, letters);
  printTable('without the sweep', [found]);
  expect(found.rowsWaiting).toBeGreaterThan(0);
  expect(found.documentsMissing + found.receiptsMissing + found.citizensWithoutNotice).toBeGreaterThan(0);
});

async function open(engine: Engine, record: Behaviour): Promise<ChaosWorld> {
  const world = await openChaosWorld({ engine, crowd, record });
  onTestFinished(() => world.close());
  return world;
}

/** Sends `letters` through troubles, and has half of the citizens read what they have now and then. */
async function runChaos(world: ChaosWorld, engine: Engine, letters: number) {
  const { gateway, home } = world;
  const startedAt = performance.now();
  const door = { port: () => gateway.current.report.ports.submission, authority: home.authority };
  const load = startChaosLoad(door, world.crowd.doctors, world.crowd.citizens, letters);
  let isOver = false;
  const between = Math.max(10, Math.floor(letters / mostTroubles));
  const troubles = makeTrouble(world, new Random(seed), { acknowledged: load.acknowledged, between, isOver: () => isOver });
  const reading = readNowAndThen(world, () => isOver);
  await load.ended;
  isOver = true;
  const counts = await troubles;
  await reading;
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  const facts = { engine, acknowledged: load.acknowledged(), answerLost: load.letters.length - load.acknowledged(), seconds };
  printTable(`chaos test, CHAOS_SEED=${seed}`, [{ ...facts, ...counts }]);
  return { world, letters: load.letters };
}

/** Every second citizen reads at once; what the others have not read is what they must be told of. */
const readsAtOnce = (number: number) => number % 2 === 1;

async function readNowAndThen({ gateway, home, crowd: { citizens } }: ChaosWorld, isOver: () => boolean): Promise<void> {
  const readers = citizens.filter((_one, number) => readsAtOnce(number));
  while (!isOver()) {
    await readEverything(gateway.current.report.ports.imapTls, home.authority, readers);
    await new Promise((next) => setTimeout(next, 500));
  }
}

async function readAll({ gateway, home, crowd: { citizens } }: ChaosWorld): Promise<void> {
  const { imapTls } = gateway.current.report.ports;
  for (const citizen of citizens) await until('everything is read', () => readEverything(imapTls, home.authority, [citizen]), 60_000);
}

/** Everybody is told, then everything is read, and at last nothing is owed; the record errs as before. */
async function calmDown(world: ChaosWorld, letters: readonly ChaosLetter[]): Promise<void> {
  const { connection } = world.postgres;
  const patience = 120_000 + letters.length * 100;
  const owesNothing = (kind?: string) => async () => {
    await makeDue(connection);
    return (await owedNow(connection, kind)) === 0;
  };
  await until('nobody waits for a notice', owesNothing('send-notice'), patience);
  await readAll(world);
  await until('nothing is owed', owesNothing(), patience);
}

async function findings(world: ChaosWorld, letters: readonly ChaosLetter[]): Promise<Findings> {
  const { gateway, home, dmp, smarthost, crowd: people } = world;
  const receipts = await readReceipts(gateway.current.report.ports.imapTls, home.authority, people.doctors);
  const notices = smarthost.letters.flatMap(({ recipients, bytes }) =>
    recipients.map((to) => ({ to, messageId: /^Message-ID: (\S+)/im.exec(bytes.toString('latin1'))?.[1] ?? '' })),
  );
  const given = new Set(letters.filter(({ fate }) => fate === 'acknowledged').map(({ reader }) => reader.address));
  const toBeTold = people.citizens.flatMap(({ address }, number) =>
    given.has(address) && !readsAtOnce(number) ? [ordinaryAddress(number)] : [],
  );
  const held = dmp.holds().map(({ uniqueId }) => uniqueId);
  printTable('what the world holds', [
    { documents: held.length, receipts: receipts.length, notices: notices.length, toBeTold: toBeTold.length },
  ]);
  return tally(world.postgres.connection, { letters, held, notices, receipts, toBeTold });
}
