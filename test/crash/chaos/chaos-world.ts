// Everything around the gateway of the chaos test: a PostgreSQL and a Redis that can be killed, a DMP in error one time in five, a
// smarthost, and a crowd of whom every citizen has an active record and an ordinary e-mail address.
import { findCitizens } from '../../../directory/matricules.ts';
import { setNoticePreference } from '../../../policies/notice-preferences.ts';
import { localPart, parseAddress } from '../../../src/core/address.ts';
import { parseIns } from '../../../src/core/ins.ts';
import { connect } from '../../../src/database/connect.ts';
import type { Behaviour } from '../../../src/demo/dmp-server/behaviour.ts';
import type { DmpServer } from '../../../src/demo/dmp-server/dmp-server.ts';
import { Sink } from '../../../src/demo/sink.ts';
import type { Crowd, CrowdSize } from '../../support/crowd.ts';
import { ordinaryAddress } from '../../support/crowd-in-documents.ts';
import { type GatewayHome, GatewayProcess, makeGatewayHome } from '../../support/gateway-process.ts';
import { startRecordBeside } from '../../support/record-beside.ts';
import { startRedis, type TestRedis } from '../../support/redis-server.ts';
import { OwnPostgres } from './own-postgres.ts';
import { LivingGateway } from './troubles.ts';

/** Which engine the queues run on. */
export type Engine = 'PostgreSQL' | 'Redis';

/** How a world differs. */
export type ChaosPlan = {
  readonly engine: Engine;
  readonly crowd: CrowdSize;
  /** How the record answers. */
  readonly record: Behaviour;
};

/** The world while it stands. */
export type ChaosWorld = {
  readonly home: GatewayHome;
  readonly gateway: LivingGateway;
  readonly postgres: OwnPostgres;
  readonly redis: TestRedis | undefined;
  readonly dmp: DmpServer;
  /** Takes the notices. */
  readonly smarthost: Sink;
  readonly crowd: Crowd;
  close(): Promise<void>;
};

/** Opens it, with everybody registered. */
export async function openChaosWorld(plan: ChaosPlan): Promise<ChaosWorld> {
  const home = await makeGatewayHome();
  const { dmp, environment: record } = await startRecordBeside(home);
  const smarthost = new Sink();
  const smarthostPort = await smarthost.start();
  const postgres = await OwnPostgres.start();
  const redis = plan.engine === 'Redis' ? await startRedis() : undefined;
  const environment = {
    DATABASE_URL: postgres.url,
    ...(redis && { REDIS_URL: redis.url }),
    PASSERELLE_WORKERS: '2',
    PASSERELLE_OBSERVE_LOG_LEVEL: 'silent',
    PASSERELLE_NOTICES_SMARTHOST_HOST: '127.0.0.1',
    PASSERELLE_NOTICES_SMARTHOST_PORT: String(smarthostPort),
    PASSERELLE_NOTICES_SMARTHOST_TLS: 'none',
    PASSERELLE_NOTICES_FROM: 'ne-pas-repondre@operateur.example',
    PASSERELLE_NOTICES_QUIET_HOURS: '24',
    ...record,
    PASSERELLE_DMP_PER_MINUTE: '100000',
    PASSERELLE_DMP_TIMEOUT_SECONDS: '20',
    PASSERELLE_POLICIES_LEGAL_NOTICE: 'false',
  };
  const first = await GatewayProcess.start(home, { crowd: plan.crowd, environment });
  const gateway = new LivingGateway(home, environment, first);
  const { crowd } = first.report;
  if (!crowd) throw new Error('The gateway registered no crowd');
  for (const { address } of crowd.citizens) dmp.openRecord(localPart(address), 'active');
  await giveOrdinaryAddresses(postgres, crowd);
  dmp.behave(plan.record);
  return {
    home,
    gateway,
    postgres,
    redis,
    dmp,
    smarthost,
    crowd,
    async close() {
      await gateway.current.destroy();
      await redis?.stop();
      await postgres.remove();
      await smarthost.stop();
      await dmp.stop();
      await home.remove();
    },
  };
}

async function giveOrdinaryAddresses(postgres: OwnPostgres, { citizens }: Crowd): Promise<void> {
  const db = connect({ ...postgres.connection, poolSize: 1 });
  try {
    const matricules = citizens.map(({ address }) => parseIns(localPart(address))).filter((ins) => ins !== undefined);
    const ids = await findCitizens(db, matricules);
    for (const [number, ins] of matricules.entries()) {
      const [citizenId, address] = [ids.get(ins), parseAddress(ordinaryAddress(number))];
      if (citizenId === undefined || !address) throw new Error('A citizen of the crowd is not registered');
      await setNoticePreference(db, citizenId, { address, told: {} });
    }
  } finally {
    await db.destroy();
  }
}
