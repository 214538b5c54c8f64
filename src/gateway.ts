// The whole gateway: database, pipeline and doors, in one process or in several. Started and stopped here for the service,
// the demo and the tests alike.
import cluster, { type Worker } from 'node:cluster';
import { fileURLToPath } from 'node:url';
import { readAges } from '../directory/feed/synchronisations.ts';
import { countTestIdentities } from '../directory/test-identities.ts';
import { allMigrations } from './all-migrations.ts';
import type { Config } from './config/schema.ts';
import { type Context, createContext, readTlsIdentity } from './context.ts';
import { systemClock } from './core/clock.ts';
import type { ConnectionOptions } from './database/connect.ts';
import { migrateAll } from './database/migrate.ts';
import { openDatabase } from './database/open-database.ts';
import { readBacklog } from './delivery/outbox-backlog.ts';
import { type Doors, openDoors, type Ports } from './doors.ts';
import { addDirectoryGauges } from './observe/directory-gauges.ts';
import { startHealthServer } from './observe/health-server.ts';
import type { Log } from './observe/log.ts';
import { metricsText } from './observe/metrics.ts';
import { addOutboxGauges } from './observe/outbox-gauges.ts';
import { addSyncGauges } from './observe/sync-gauges.ts';
import { gatewayTasks } from './pipeline/tasks.ts';

/** A gateway that serves. */
export type Gateway = {
  readonly context: Context;
  readonly ports: Ports;
  /** `http://127.0.0.1:9464`, where /health and /metrics answer. */
  readonly observeUrl: string;
  /** Resolves with the reason, in one line, when the gateway cannot go on. */
  readonly lost: Promise<string>;
  /** Takes nothing more, lets what is under way finish, closes everything. */
  stop(because: string): Promise<void>;
};

/** What the first process tells a worker. */
export type WorkerTask = { readonly config: Config; readonly connection: ConnectionOptions };

/** What a worker says: that it listens, that its doors are open, then each time that it owes work to the pipeline of the first process. */
export type WorkerReport = { readonly is: 'listening' } | { readonly is: 'open'; readonly ports: Ports } | { readonly is: 'owing' };

const replacementPauseMs = 500;

/** A worker that was told to stop finishes what is under way; what has not ended by then ends with it. */
const stopPatienceMs = 20_000;

/** Starts everything; rejects, with nothing left running, when a part cannot start. */
export async function startGateway(config: Config, log: Log): Promise<Gateway> {
  const startedAt = Date.now();
  // What every door will need is asked for before anything is started.
  await readTlsIdentity(config);
  const database = await openDatabase(config.database, config.dataDir, log);
  const closing: (() => Promise<void>)[] = [() => database.close()];
  const closeAll = async () => {
    for (const close of closing.splice(0).reverse()) await close();
  };
  try {
    await migrateAll(database.db, allMigrations);
    const context = await createContext(config, database, log);
    watchOutbox(context);
    watchDirectory(context);
    watchSources(context);
    closing.push(() => context.close());
    await context.pipeline.start();
    closing.push(() => context.pipeline.stop());
    const doors = config.workers > 1 ? await openDoorsInWorkers(context) : await openDoors(context);
    closing.push(() => doors.close());
    const health = await startHealthServer({
      host: config.observe.host,
      port: config.observe.port,
      checks: { database: () => database.db.selectNoFrom(({ val }) => val(1).as('one')).execute() },
      metrics: () => metricsText(context.metrics),
    });
    closing.push(() => health.close());
    context.events.gatewayStarted({
      version: '0.1.0',
      workers: config.workers,
      doors: Object.entries(doors.ports).map(([door, port]) => `${door} ${port}`),
      tookMs: Date.now() - startedAt,
    });
    return {
      context,
      ports: doors.ports,
      observeUrl: health.url,
      lost: database.lost.then((because) => {
        context.events.databaseLost({ because });
        return because;
      }),
      async stop(because) {
        const stoppingAt = Date.now();
        await closeAll();
        context.events.gatewayStopped({ because, tookMs: Date.now() - stoppingAt });
      },
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

/** Of the first process alone: it counts what all of them owe. */
function watchOutbox({ metrics, events, database: { db } }: Context): void {
  const tasks = gatewayTasks.map(({ name }) => name);
  // A curve that begins at 1 has not risen: the first work given up would raise no alert.
  for (const task of tasks) {
    for (const outcome of ['done', 'again', 'dead'] as const) metrics.outboxAttempts.inc({ task, outcome }, 0);
  }
  addOutboxGauges(metrics.registry, {
    tasks,
    read: (now) => readBacklog(db, now),
    failed: (err) => events.unexpectedError({ where: 'outbox figures', err }),
    clock: systemClock,
  });
}

/** Of the first process alone, for the same reason. */
function watchDirectory({ config, metrics, events, database: { db } }: Context): void {
  if (config.directory.identities !== 'production') return;
  addDirectoryGauges(metrics.registry, {
    countTestIdentities: () => countTestIdentities(db),
    failed: (err) => events.unexpectedError({ where: 'directory figures', err }),
  });
}

/** Of the first process alone, for the same reason. */
function watchSources({ config, metrics, events, database: { db } }: Context): void {
  const { extraction, citizenFeed } = config.directory;
  addSyncGauges(metrics.registry, {
    periods: new Map([
      ...(extraction.source === undefined ? [] : [['extraction', extraction.everyHours * 3_600_000] as const]),
      ...(citizenFeed.folder === undefined ? [] : [['citizens', citizenFeed.everyMinutes * 60_000] as const]),
    ]),
    readAges: () => readAges(db, systemClock()),
    failed: (err) => events.unexpectedError({ where: 'synchronisation figures', err }),
  });
}

/** One process per core opens the same doors; a worker that ends without being asked to is replaced. */
async function openDoorsInWorkers({ config, database, events, pipeline }: Context): Promise<Doors> {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  cluster.setupPrimary({ exec: fileURLToPath(new URL(`./worker.${extension}`, import.meta.url)), args: [] });
  let isClosing = false;
  /** Those that serve: told to stop, they finish what is under way. */
  const open = new Set<Worker>();
  const close = async () => {
    isClosing = true;
    await Promise.all(Object.values(cluster.workers ?? {}).map((worker) => worker && end(worker)));
  };
  try {
    const [first] = await Promise.all(Array.from({ length: config.workers }, startWorker));
    if (!first) throw new Error('A gateway has at least one worker');
    return { ports: first, close };
  } catch (error) {
    await close();
    throw error;
  }

  async function startWorker(): Promise<Ports> {
    const worker = cluster.fork();
    worker.on('message', (report: WorkerReport) => {
      if (report.is === 'owing') pipeline.poke();
    });
    worker.once('exit', (code, signal) => {
      open.delete(worker);
      if (isClosing) return;
      events.workerLost({ workerPid: worker.process.pid ?? 0, because: signal ?? `exit code ${code}` });
      // A pause, so that a worker that cannot start does not keep a core busy with trying.
      setTimeout(replace, replacementPauseMs).unref();
    });
    const opened = await openDoorsOf(worker, { config, connection: database.connection });
    open.add(worker);
    return opened;
  }

  async function replace(): Promise<void> {
    if (isClosing) return;
    try {
      await startWorker();
    } catch (err) {
      if (!isClosing) events.unexpectedError({ where: 'worker', err });
    }
  }

  function end(worker: Worker): Promise<void> {
    return new Promise((resolve) => {
      if (worker.isDead()) return resolve();
      const impatience = setTimeout(() => worker.process.kill('SIGKILL'), stopPatienceMs);
      worker.once('exit', () => {
        clearTimeout(impatience);
        resolve();
      });
      if (open.has(worker)) tell(worker, 'stop');
      // One that is still starting serves nobody, and may not be listening yet: what it is told then is lost.
      else worker.process.kill('SIGKILL');
    });
  }
}

function openDoorsOf(worker: Worker, task: WorkerTask): Promise<Ports> {
  return new Promise((resolve, reject) => {
    const failed = () => reject(new Error('A worker ended before its doors were open'));
    worker.once('exit', failed);
    worker.on('message', (report: WorkerReport) => {
      // Not at `online`: the worker's modules are still loading then, and a message nobody listens to is lost.
      if (report.is === 'listening') tell(worker, task);
      if (report.is !== 'open') return;
      worker.off('exit', failed);
      resolve(report.ports);
    });
  });
}

/** One that is gone by now hears nothing; its end says the rest. Without a listener of its own, the failure would end this process. */
function tell(worker: Worker, message: WorkerTask | 'stop'): void {
  worker.send(message, () => undefined);
}
