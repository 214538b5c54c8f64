// The only place that constructs things: from a configuration and an open database to everything a process works with.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LookUp } from '../directory/look-up.ts';
import { openLookUp } from '../directory/open-look-up.ts';
import { DirectoryChanges, directoryChannel } from '../directory/resolver/directory-changes.ts';
import { Resolver } from '../directory/resolver/resolver.ts';
import { BlobStore } from '../mailboxes/blobs/blob-store.ts';
import { loadMasterKeys, type MasterKeys } from '../mailboxes/blobs/master-keys.ts';
import { missingMasterKeys } from '../mailboxes/blobs/rewrap-blobs.ts';
import { connectWakeups } from '../mailboxes/connect-wakeups.ts';
import { inTransaction } from '../mailboxes/in-transaction.ts';
import { Wakeups } from '../mailboxes/wakeups.ts';
import type { Account } from './accounts/account.ts';
import { AccountWatch, type WatchAccount } from './accounts/account-watch.ts';
import { loadPepper } from './accounts/pepper.ts';
import { authenticate, type SignInServices } from './accounts/sign-in.ts';
import { ConfigError } from './config/problems.ts';
import type { Config } from './config/schema.ts';
import { type Address, parseAddress } from './core/address.ts';
import { systemClock } from './core/clock.ts';
import { NotificationLink } from './database/notification-link.ts';
import type { OpenDatabase } from './database/open-database.ts';
import type { Db } from './database/tables.ts';
import { OnePath } from './delivery/one-path.ts';
import { openRecord } from './dmp/open-record.ts';
import type { RecordRoad } from './dmp/record-road.ts';
import { pipelineEvents } from './event-adapters.ts';
import { createEvents, type Events } from './observe/events.ts';
import type { Log } from './observe/log.ts';
import { createMetrics, type Metrics } from './observe/metrics.ts';
import { pathRules } from './path-rules.ts';
import { Pipeline } from './pipeline/pipeline.ts';
import type { NoticeServices, RegistrySources } from './pipeline/task.ts';
import { gatewayTasks } from './pipeline/tasks.ts';
import type { NextHop } from './relay/next-hop.ts';
import { openSmarthost } from './relay/smarthost.ts';

/** What a process of the gateway works with. */
export type Context = {
  readonly config: Config;
  readonly database: OpenDatabase;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly events: Events;
  readonly blobs: BlobStore;
  readonly wakeups: Wakeups;
  readonly pepper: Buffer;
  readonly path: OnePath;
  readonly pipeline: Pipeline;
  /** Whom an INS or an address belongs to, here or elsewhere. */
  readonly lookUp: LookUp;
  readonly resolver: Resolver;
  readonly authenticate: (login: string, password: string) => Promise<Account | undefined>;
  /** For doors whose sessions last: tells when the account may no longer be used. */
  readonly watchAccount: WatchAccount;
  /** Ends what this context has begun; the database is its opener's to close. */
  close(): Promise<void>;
};

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/**
 * Builds a process's context. The pipeline is built, not started: its process decides. `workIsWaiting` is called after a commit that
 * owes work, in a process whose pipeline is another's.
 */
export async function createContext(config: Config, database: OpenDatabase, log: Log, workIsWaiting?: () => void): Promise<Context> {
  const { db, connection } = database;
  const metrics = createMetrics();
  const events = createEvents(log, metrics);
  const keys = await loadMasterKeys(config.storage.masterKeyFile ?? join(config.dataDir, 'master.key'));
  await refuseMissingKeys(db, keys);
  const blobs = new BlobStore({
    folder: config.storage.blobsDir,
    keys,
    inlineLimitBytes: config.storage.inlineLimitBytes,
  });
  const pepper = await loadPepper(config.accounts.pepperFile ?? join(config.dataDir, 'pepper'));
  const wakeups = new Wakeups();
  const changes = new DirectoryChanges();
  const resolver = new Resolver({ db, domain: config.hostedDomains.citizens, changes, maxEntries: config.directory.cacheEntries });
  const watch = new AccountWatch({ changes, resolver, onError: (err) => events.unexpectedError({ where: 'account watch', err }) });
  const { quotaBytes } = config.storage;
  const signIn: SignInServices = {
    db,
    resolver,
    inTransaction: (work) => inTransaction(db, work),
    pepper,
    mailboxes: { citizensDomain: config.hostedDomains.citizens, quotaBytes },
    clock: systemClock,
  };
  const hop = await readNextHop(config);
  const lookUp = await openLookUp(config, db, events);
  const path = new OnePath({
    db,
    inTransaction: (work) => inTransaction(db, work),
    blobs,
    wakeups,
    events,
    ...pathRules(config),
    resolver,
    quotaBytes,
    hostname: config.hostname,
    clock: systemClock,
    maxAttachmentBytes: config.limits.maxAttachmentBytes,
    groupCommit: config.groupCommit,
    workIsWaiting: workIsWaiting ?? (() => pipeline.poke()),
  });
  const pipeline = new Pipeline({
    services: {
      db,
      blobs,
      path,
      relay: hop && { hop, heloName: config.hostname, perMinute: config.relay.perMinute },
      notices: await noticeServices(config),
      record: await recordRoad(config),
      citizensDomain: config.hostedDomains.citizens,
      hostname: config.hostname,
      postmaster: postmasterOf(config),
      memory: {
        lettersMs: config.policies.letterMemoryDays * dayMs,
        ledgerMs: config.policies.ledgerDays * dayMs,
        deadMs: config.pipeline.deadDays * dayMs,
      },
      idle: {
        noticeMs: config.directory.idle.noticeDays * dayMs,
        suspendMs: config.directory.idle.suspendDays * dayMs,
        unpublishMs: config.directory.idle.unpublishDays * dayMs,
      },
      alarmsTestIdentities: config.directory.identities === 'production',
      sources: await registrySources(config),
      events: pipelineEvents(events),
      clock: systemClock,
    },
    tasks: gatewayTasks,
    connection,
    redisUrl: config.redis.url,
    concurrency: config.pipeline.concurrency,
    stopGraceMs: config.pipeline.stopGraceSeconds * 1000,
  });
  // Last, for nothing may fail any more once it is open: it would try for ever. Operators' commands change the registry from processes of
  // their own, even where one process serves.
  const link = await NotificationLink.open(connection, (err) => events.unexpectedError({ where: 'notifications', err }));
  await link.listen(directoryChannel, changes);
  // One process with a database of its own has nobody to wake.
  const isAlone = config.workers === 1 && config.database.url === undefined;
  const otherProcesses = isAlone ? undefined : await connectWakeups(wakeups, link);
  return {
    config,
    database,
    log,
    metrics,
    events,
    blobs,
    wakeups,
    pepper,
    path,
    pipeline,
    lookUp,
    resolver,
    authenticate: (login, password) => authenticate(signIn, login, password),
    watchAccount: (address, onShut) => watch.watch(address, onShut),
    close: async () => {
      lookUp.close();
      watch.close();
      await otherProcesses?.close();
      await link.close();
    },
  };
}

/** Who reports and notices come from. RFC 5321 §4.5.1. */
function postmasterOf({ hostedDomains }: Config): Address {
  const address = parseAddress(`postmaster@${hostedDomains.citizens}`);
  if (!address) throw new Error('The domain of citizens cannot stand in an address');
  return address;
}

/** The gateway's certificate and key, PEM. Throws ConfigError when the configuration names none: no door speaks in the clear. */
export async function readTlsIdentity({ tls }: Config): Promise<{ key: string; cert: string }> {
  if (!tls.certificateFile || !tls.keyFile) {
    throw new ConfigError([
      { key: 'tls.certificateFile and tls.keyFile', problem: 'no door opens without a certificate', example: '/etc/passerelle/tls.pem' },
    ]);
  }
  const [cert, key] = await Promise.all([readFile(tls.certificateFile, 'utf8'), readFile(tls.keyFile, 'utf8')]);
  return { cert, key };
}

/** A key file that was lost would be made anew, and every letter kept so far would be unreadable: better not to start. */
async function refuseMissingKeys(db: Db, keys: MasterKeys): Promise<void> {
  const missing = await missingMasterKeys(db, keys);
  if (missing.length === 0) return;
  const problem = `does not hold the keys of stored letters (version ${missing.join(', ')}): restore the file`;
  throw new ConfigError([{ key: 'storage.masterKeyFile', problem }]);
}

/** Where the registry is fed from. */
async function registrySources({ dataDir, directory, hostedDomains }: Config): Promise<RegistrySources> {
  const { extraction, citizenFeed } = directory;
  const { source, authorityFile } = extraction;
  const authority = authorityFile === undefined ? {} : { authority: await readFile(authorityFile, 'utf8') };
  const from = source?.startsWith('https:') ? { url: source, folder: join(dataDir, 'fetched'), ...authority } : source && { file: source };
  return {
    ...(from && {
      extraction: { from, hosted: [hostedDomains.citizens, ...hostedDomains.professionals], everyMs: extraction.everyHours * hourMs },
    }),
    ...(citizenFeed.folder !== undefined && { citizenFeed: { folder: citizenFeed.folder, everyMs: citizenFeed.everyMinutes * 60_000 } }),
  };
}

async function noticeServices({ notices, hostname }: Config): Promise<NoticeServices | undefined> {
  const smarthost = await openSmarthost(notices, hostname);
  const { readAt, changeAt, quietHours, perMinute } = notices;
  return smarthost && { smarthost, readAt, changeAt, quietMs: quietHours * hourMs, perMinute };
}

/** Undefined when no copies are made. */
async function recordRoad({ dmp }: Config): Promise<RecordRoad | undefined> {
  const connector = await openRecord(dmp);
  return (
    connector && {
      connector,
      perMinute: dmp.perMinute,
      retryMs: dmp.retryHours * hourMs,
      sourceOid: dmp.sourceOid,
      noticeAfterMs: dmp.noticeAfterDays * dayMs,
      visibleAfterMs: dmp.visibleAfterDays * dayMs,
    }
  );
}

async function readNextHop({ relay }: Config): Promise<NextHop | undefined> {
  const hop = relay.nextHop;
  if (!hop) return undefined;
  if (hop.tls === 'none') return { host: hop.host, port: hop.port, tls: { mode: 'none' } };
  const authority = hop.authorityFile === undefined ? {} : { authority: await readFile(hop.authorityFile, 'utf8') };
  return { host: hop.host, port: hop.port, tls: { mode: hop.tls, ...authority } };
}
