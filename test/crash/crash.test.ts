// The gateway, and in half of the rounds its PostgreSQL, is killed at a random instant under load and started again on what is left.
// CRASH_ROUNDS sets the number of rounds, CRASH_SEED repeats a run's letters and delays. See README.md.
import { setTimeout as wait } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { signal } from '../../src/database/processes.ts';
import { GatewayProcess, makeGatewayHome } from '../support/gateway-process.ts';
import { until } from '../support/until.ts';
import { Ledger, nothing } from './ledger.ts';
import { startLoad } from './load.ts';
import { Random } from './random.ts';
import { printTable } from './table.ts';

const rounds = Number(process.env.CRASH_ROUNDS ?? 30);
const seed = Number(process.env.CRASH_SEED ?? Date.now() % 1_000_000);
const clients = 32;
const crowdSize = { doctors: 12, citizens: 24 };
/** A round whose kill meets fewer deliveries than this proves little. */
const manyInFlight = 10;

test(`${rounds} SIGKILLs at random: each letter answered 250 is there exactly once, byte for byte, and every count is right`, {
  timeout: rounds * 60_000,
}, async () => {
  const random = new Random(seed);
  const home = await makeGatewayHome();
  onTestFinished(() => home.remove());
  let gateway = await GatewayProcess.start(home, { crowd: crowdSize, environment: environment(1) });
  onTestFinished(() => gateway.destroy());
  const { crowd } = gateway.report;
  if (!crowd) throw new Error('The gateway registered no crowd');
  const ledger = new Ledger();
  const remember = ledger.remember.bind(ledger);
  const table: Record<string, string | number>[] = [];
  onTestFinished(() => printTable(`crash test, CRASH_SEED=${seed}`, table));

  for (let round = 1; round <= rounds; round += 1) {
    const load = await startLoad(gateway, {
      name: `r${round}`,
      authority: home.authority,
      crowd,
      clients,
      random,
      largeShare: 0.08,
      remember,
    });
    await until('a first letter is acknowledged', () => load.acknowledged() > 0);
    const loadMs = random.between(50, 1250);
    await wait(loadMs);

    const killsDatabase = round % 2 === 0;
    const pids = await gateway.databasePids();
    const inFlight = load.inFlight();
    load.gatewayIsGoing();
    if (killsDatabase) {
      // Sometimes the gateway sees its database die and answers for a moment more: never 250 for what is lost.
      for (const pid of pids) signal(pid, 'SIGKILL');
      if (random.chance(0.5)) await wait(random.between(1, 40));
    }
    gateway.kill();
    await gateway.ended();
    if (killsDatabase) await gateway.killDatabase();
    const surprises = await load.ended;

    const startedAt = performance.now();
    gateway = await GatewayProcess.start(home, { environment: environment(round + 1) });
    const restartMs = Math.round(performance.now() - startedAt);
    const findings = await ledger.verify(gateway, home, crowd, 'what-is-new');
    table.push({
      round,
      killed: killsDatabase ? 'gateway and PostgreSQL' : 'gateway',
      workers: workersIn(round),
      loadMs,
      acknowledged: load.acknowledged(),
      inFlight,
      restartMs,
      found: ledger.found,
    });
    expect({ round, ...findings }).toEqual({ round, ...nothing });
    expect(surprises).toEqual([]);
  }
  // What was verified in one round is still there after the last.
  expect(await ledger.verify(gateway, home, crowd, 'everything')).toEqual(nothing);
  const busyRounds = table.filter(({ inFlight }) => Number(inFlight) >= manyInFlight).length;
  expect(busyRounds).toBeGreaterThanOrEqual(Math.floor((rounds * 2) / 3));
  await gateway.stop();
});

/** Every third round has two processes that deliver. */
function workersIn(round: number): number {
  return round % 3 === 0 ? 2 : 1;
}

/** Silent: that the database was lost is no news here. */
function environment(round: number): Record<string, string> {
  return { PASSERELLE_WORKERS: String(workersIn(round)), PASSERELLE_OBSERVE_LOG_LEVEL: 'silent' };
}
