// The power is cut at a random instant under load: only what was synced is left, and the gateway starts on that. Then the same cut with one
// sync taken away must lose letters, or this test would prove nothing. POWER_CUT_ROUNDS sets the rounds. See README.md.
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { signal } from '../../src/database/processes.ts';
import type { Crowd } from '../support/crowd.ts';
import { type GatewayHome, GatewayProcess, makeGatewayHome } from '../support/gateway-process.ts';
import { until } from '../support/until.ts';
import { ForgetfulDisk, type Forgets } from './forgetful-disk.ts';
import { type Findings, Ledger, nothing } from './ledger.ts';
import { startLoad } from './load.ts';
import { Random } from './random.ts';
import { printTable } from './table.ts';

const rounds = Number(process.env.POWER_CUT_ROUNDS ?? 5);
const seed = Number(process.env.CRASH_SEED ?? Date.now() % 1_000_000);
const clients = 16;
const crowdSize = { doctors: 8, citizens: 12 };
/** In a small test, a cut may fall where nothing is at stake: the loss must show in one of these. */
const roundsToShowALoss = 3;
const timeout = 60_000;

test(`after ${rounds} power cuts, each letter answered 250 is there exactly once, byte for byte`, {
  timeout: rounds * timeout,
}, async () => {
  const world = await makeWorld('power cut');
  for (let round = 1; round <= rounds; round += 1) {
    const findings = await world.cutUnderLoad(round);
    expect({ round, ...findings }).toEqual({ round, ...nothing });
  }
});

test('a power cut in the first minute of an installation loses no letter answered 250', { timeout: 2 * timeout }, async () => {
  const world = await makeWorld('power cut, new installation', { isNew: true });
  const findings = await world.cutUnderLoad(1);
  expect(findings).toEqual(nothing);
});

test('the cut is real: with synchronous_commit off, letters answered 250 are lost', { timeout: roundsToShowALoss * timeout }, async () => {
  const world = await makeWorld('power cut, synchronous_commit off', { synchronousCommit: 'off' });
  const { lost } = await world.cutUntil(({ lost }) => lost.length > 0);
  expect(lost.length).toBeGreaterThan(0);
});

test('the cut is real: without the sync of a blob’s file, letters answered 250 are damaged', {
  timeout: roundsToShowALoss * timeout,
}, async () => {
  const world = await makeWorld('power cut, blob file not synced', { forgets: (blobs) => ({ filesBelow: blobs }) });
  const { damaged } = await world.cutUntil(({ damaged }) => damaged.length > 0);
  expect(damaged.length).toBeGreaterThan(0);
});

test('the cut is real: without the sync of a blob’s folder, letters answered 250 are damaged', {
  timeout: roundsToShowALoss * timeout,
}, async () => {
  const world = await makeWorld('power cut, blob folder not synced', { forgets: (blobs) => ({ foldersBelow: blobs }) });
  const { damaged } = await world.cutUntil(({ damaged }) => damaged.length > 0);
  expect(damaged.length).toBeGreaterThan(0);
});

/** `isNew`: the folder is empty before the first round, so that everything a first start makes is at stake too. */
type Circumstances = { readonly synchronousCommit?: 'off'; readonly forgets?: (blobs: string) => Forgets; readonly isNew?: true };

/** A populated gateway on a disk that forgets. Ends with its test. */
async function makeWorld(title: string, circumstances: Circumstances = {}) {
  const random = new Random(seed);
  const home = await makeGatewayHome();
  const disk = await ForgetfulDisk.make(home);
  const ledger = new Ledger();
  const table: Record<string, string | number>[] = [];
  onTestFinished(async () => {
    printTable(`${title}, CRASH_SEED=${seed}`, table);
    await home.remove();
  });
  let crowd = circumstances.isNew ? undefined : await populate(home, circumstances);
  const environment = disk.environment(circumstances.forgets?.(join(home.data, 'blobs')));

  const cutUnderLoad = async (round: number): Promise<Findings> => {
    await disk.settle();
    const gateway = await started(home, environment, crowd ? undefined : crowdSize);
    crowd ??= crowdOf(gateway);
    expect(await ask(gateway, 'show wal_sync_method')).toBe('fdatasync');
    const remember = ledger.remember.bind(ledger);
    const load = await startLoad(gateway, {
      name: `r${round}`,
      authority: home.authority,
      crowd,
      clients,
      random,
      largeShare: 0.3,
      remember,
    });
    await until('a first letter is acknowledged', () => load.acknowledged() > 0);
    const loadMs = random.between(200, 1500);
    await wait(loadMs);
    const pids = await gateway.databasePids();
    const inFlight = load.inFlight();
    load.gatewayIsGoing();
    for (const pid of pids) signal(pid, 'SIGKILL');
    await gateway.destroy();
    const surprises = await load.ended;
    await disk.cutPower();

    const startedAt = performance.now();
    const survivor = await started(home, {});
    const restartMs = Math.round(performance.now() - startedAt);
    const findings = await ledger.verify(survivor, home, crowd, 'everything');
    await survivor.stop();
    const { lost, damaged } = findings;
    table.push({
      round,
      loadMs,
      acknowledged: load.acknowledged(),
      inFlight,
      restartMs,
      found: ledger.found,
      lost: lost.length,
      damaged: damaged.length,
    });
    expect(surprises).toEqual([]);
    return findings;
  };

  return {
    cutUnderLoad,
    /** The findings of the first cut that shows what is looked for, or of the last. */
    async cutUntil(isShown: (findings: Findings) => boolean): Promise<Findings> {
      for (let round = 1; ; round += 1) {
        const findings = await cutUnderLoad(round);
        if (isShown(findings) || round === roundsToShowALoss) return findings;
      }
    },
  };
}

async function populate(home: GatewayHome, { synchronousCommit }: Circumstances): Promise<Crowd> {
  const gateway = await started(home, {}, crowdSize);
  // Stronger than the server's command line, for sessions that begin from now on.
  if (synchronousCommit) await ask(gateway, `alter database postgres set synchronous_commit = ${synchronousCommit}`);
  await gateway.stop();
  return crowdOf(gateway);
}

function crowdOf({ report }: GatewayProcess): Crowd {
  if (!report.crowd) throw new Error('The gateway registered no crowd');
  return report.crowd;
}

async function started(home: GatewayHome, environment: Record<string, string>, crowd?: typeof crowdSize): Promise<GatewayProcess> {
  const gateway = await GatewayProcess.start(home, { environment, ...(crowd && { crowd }) });
  onTestFinished(() => gateway.destroy());
  return gateway;
}

/** The first value of the answer. */
async function ask(gateway: GatewayProcess, statement: string): Promise<unknown> {
  const client = new pg.Client({ ...gateway.report.connection });
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(statement);
    return Object.values(rows[0] ?? {})[0];
  } finally {
    await client.end();
  }
}
