// Two operators and a Postfix between them: each gateway hands what is not for it to the Postfix, which takes it to the other gateway's
// door between operators, with a certificate both know, or to a program that answers everything.
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { type DevAuthority, openDevAuthority } from '../../certs/dev-authority.ts';
import { setReceipts } from '../../mailboxes/mailbox.ts';
import { setAbsence } from '../../policies/absences.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import type { Address } from '../../src/core/address.ts';
import { type Gateway, startGateway } from '../../src/gateway.ts';
import { createLog } from '../../src/observe/log.ts';
import { type Crowd, registerCrowd, type Someone } from '../support/crowd.ts';
import { freePort } from '../support/free-port.ts';
import { startPostfix } from '../support/postfix.ts';
import { answererDomain, startAutoAnswerer } from './auto-answerer.ts';

const relayName = 'relais.mss.test';

/** Each operator's domains. */
const domains = {
  a: { doctors: 'medecins-a.mss.test', citizens: 'patient.mssante.fr' },
  b: { doctors: 'medecins-b.mss.test', citizens: 'patient-b.mss.test' },
};

/** One operator: its gateway, and the people who can sign in. Of its doctors the first is away; all answer requests for receipts. */
export type Operator = { readonly gateway: Gateway; readonly people: Crowd; readonly absent: Someone; readonly present: Someone };

/** Automatic letters that a gateway has written, by the task that writes them, and everything in its mailboxes. */
export type Counted = { readonly written: Readonly<Record<string, number>>; readonly kept: number; readonly waiting: number };

const daily = new Set([
  'collect-orphan-blobs',
  'expire-quarantine',
  'expire-courses',
  'forget-citizen-questions',
  'forget-letters',
  'purge-outbox',
  'tell-hidden-documents',
  'show-hidden-documents',
]);

/** Opens the world. */
export async function openLoopWorld() {
  const folder = await mkdtemp(join(tmpdir(), 'passerelle-loop-'));
  // As root, PostgreSQL runs under another account, which must reach its folder.
  await chmod(folder, 0o755);
  const closing: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true, maxRetries: 20 })];
  const close = async () => {
    for (const step of closing.splice(0).reverse()) await step();
  };
  try {
    const authority = await openDevAuthority(join(folder, 'authority'));
    const client = await authority.peerCredential({ relayName, structureId: '1690000001', organisation: 'Relais d’essai' });
    const mx = { a: await freePort(), b: await freePort() };
    const answerer = await startAutoAnswerer(() => postfix.port);
    closing.push(() => answerer.stop());
    const ports = {
      [domains.a.doctors]: mx.a,
      [domains.a.citizens]: mx.a,
      [domains.b.doctors]: mx.b,
      [domains.b.citizens]: mx.b,
      [answererDomain]: answerer.port,
    };
    const postfix = await startPostfix({ hostname: relayName, ports, client, authority: authority.certificate });
    closing.push(() => postfix.stop());
    const open = async (name: 'a' | 'b') => {
      const operator = await openOperator({ name, folder, authority, mxPort: mx[name], nextHop: postfix.port });
      closing.push(() => operator.gateway.stop('the test is over'));
      return operator;
    };
    const operators = { a: await open('a'), b: await open('b') };
    return { authority: authority.certificate, answerer, postfix, ...operators, close };
  } catch (error) {
    await close();
    throw error;
  }
}

type OperatorPlan = {
  readonly name: 'a' | 'b';
  readonly folder: string;
  readonly authority: DevAuthority;
  readonly mxPort: number;
  readonly nextHop: number;
};

async function openOperator({ name, folder, authority, mxPort, nextHop }: OperatorPlan): Promise<Operator> {
  const own = domains[name];
  const other = domains[name === 'a' ? 'b' : 'a'];
  const hostname = `mx-${name}.mss.test`;
  const host = '127.0.0.1';
  await authority.serverCredential(hostname);
  const settings = {
    dataDir: join(folder, name),
    hostname,
    hostedDomains: { citizens: own.citizens, professionals: [own.doctors] },
    tls: {
      certificateFile: join(folder, 'authority', `server-${hostname}.crt`),
      keyFile: join(folder, 'authority', `server-${hostname}.key`),
    },
    smtp: {
      submission: { host, port: 0 },
      mx: {
        enabled: true,
        host,
        port: mxPort,
        clientAuthorityFile: authority.certificateFile,
        peers: Object.fromEntries([other.doctors, other.citizens, answererDomain].map((domain) => [domain, [relayName]])),
      },
    },
    imap: { host, port: 0, tlsPort: 0 },
    ldap: { host, port: 0, tlsPort: 0 },
    relay: { nextHop: { host, port: nextHop, tls: 'none' } },
    limits: { remoteCitizens: { domain: other.citizens } },
    policies: { testAnswersPerHour: 2 },
    observe: { host, port: 0, logLevel: 'fatal' },
  };
  const file = join(folder, `${name}.json`);
  await writeFile(file, JSON.stringify(settings));
  const config = loadConfig({ file, environment: {} });
  const gateway = await startGateway(config, createLog({ level: config.observe.logLevel }));
  const { database, pepper } = gateway.context;
  const registry = { db: database.db, pepper, quotaBytes: config.storage.quotaBytes };
  const people = await registerCrowd(registry, { doctors: 2, citizens: 1 }, own);
  const [absent, present] = people.doctors;
  if (!absent || !present) throw new Error('Two doctors were registered');
  for (const { address } of people.doctors) await setReceipts(database.db, address, 'always');
  const now = Date.now();
  await setAbsence(database.db, {
    address: absent.address,
    from: new Date(now - 3_600_000),
    until: new Date(now + 86_400_000),
    text: 'De retour demain.',
  });
  return { gateway, people, absent, present };
}

/** What a gateway has written and keeps by now. */
export async function countLetters({ gateway }: Operator): Promise<Counted> {
  const { db } = gateway.context.database;
  const rows = await db
    .selectFrom('outbox')
    .select((outbox) => ['kind', 'state', outbox.fn.countAll<number>().as('count')] as const)
    .groupBy(['kind', 'state'])
    .execute();
  const { rows: kept } = await sql<{ count: number }>`select count(*)::integer as count from messages`.execute(db);
  const work = rows.filter(({ kind }) => !daily.has(kind));
  const written: Record<string, number> = {};
  for (const { kind, count } of work) written[kind] = (written[kind] ?? 0) + Number(count);
  const waiting = work.filter(({ state }) => state === 'waiting').reduce((sum, { count }) => sum + Number(count), 0);
  return { written, kept: kept[0]?.count ?? 0, waiting };
}

/** Where the test address of an operator is. Requirement 40. */
export const testAddressOf = (name: 'a' | 'b') => `reponse.automatique-test@${domains[name].citizens}` as Address;

/** A citizen's address that nobody has. */
export const unknownCitizenOf = (name: 'a' | 'b') => `185019910000121@${domains[name].citizens}`;

/** A professional's address that nobody has. */
export const unknownDoctorOf = (name: 'a' | 'b') => `personne@${domains[name].doctors}`;
